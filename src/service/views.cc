#include "service/views.h"

#include <utility>

namespace piperoll::service {

using base::Error;
using base::ErrorKind;
using base::Result;

operation::ViewShown view_shown_to(const Admitted& admitted, registry::Registry::ViewPointer view) {
  const auth::Principal& who = admitted.principal;
  const bool own = view->is_of(who.subject, who.issuer);
  const bool manages =
      view->shared && auth::allows(who.roles, who.is_server(), auth::Right::Manage);
  return {.view = std::move(view), .own = own, .may_change = own || manages};
}

Result<registry::Registry::ViewPointer> view_to_change(const registry::Registry& registry,
                                                       const Admitted& admitted,
                                                       std::string_view id) {
  auto uuid = base::parse_uuid(id);
  auto view = uuid ? registry.view(*uuid) : nullptr;
  if (view && view->org == admitted.org->id) {
    const operation::ViewShown shown = view_shown_to(admitted, view);
    if (shown.may_change) {
      return view;
    }
    if (view->shared) {
      return Error{.kind = ErrorKind::Forbidden,
                   .message = "a shared view is changed by who made it, or by an admin",
                   .code = "no_right"};
    }
  }
  return Error{.kind = ErrorKind::NotFound, .message = "no such view", .code = "view_not_found"};
}

}  // namespace piperoll::service
