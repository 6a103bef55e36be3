// Runs a fuzz target on no bytes and once on each file of the folders that it is given. So every
// build compiles the targets and keeps what fuzzing has found; searching is for the fuzz preset.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  run("");
  for (int i = 1; i < argc; ++i) {
    for (const auto& file : std::filesystem::directory_iterator(argv[i])) {
      std::cout << file.path().string() << '\n' << std::flush;  // the last one named has failed
      std::ifstream stream(file.path(), std::ios::binary);
      if (!stream) {
        std::cout << "cannot be read\n";
        return 1;
      }
      std::ostringstream input;
      input << stream.rdbuf();
      run(input.str());
    }
  }
  return 0;
}
