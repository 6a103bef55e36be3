#include "auth/key_source.h"

#include <algorithm>
#include <utility>

namespace piperoll::auth {

namespace {

class FixedKeys : public KeySource {
 public:
  explicit FixedKeys(KeySet keys) : keys_(std::make_shared<const KeySet>(std::move(keys))) {}
  std::shared_ptr<const KeySet> keys() const override { return keys_; }
  bool refresh(std::function<void()>) override { return false; }

 private:
  const std::shared_ptr<const KeySet> keys_;
};

}  // namespace

std::unique_ptr<KeySource> fixed_keys(KeySet keys) {
  return std::make_unique<FixedKeys>(std::move(keys));
}

bool FetchPlan::ask(std::int64_t now) {
  if (asked_ && now - *asked_ < kUnknownKeyPause) {
    return false;
  }
  asked_ = now;
  due_ = now;
  return true;
}

void FetchPlan::succeeded(std::int64_t now, std::optional<std::int64_t> max_age_seconds) {
  const std::int64_t age =
      max_age_seconds ? std::clamp(*max_age_seconds, kAgeMin / kSecond, kAgeMax / kSecond) * kSecond
                      : kAgeDefault;
  due_ = now + age;
  retry_ = kRetryMin;
  succeeded_ = now;
}

void FetchPlan::failed(std::int64_t now) {
  due_ = now + retry_;
  retry_ = std::min(retry_ * 2, kRetryMax);
}

bool FetchPlan::is_believed(std::int64_t now) const {
  return succeeded_ && now - *succeeded_ < kBelievedMax;
}

}  // namespace piperoll::auth
