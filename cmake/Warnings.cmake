# One INTERFACE target with our warnings; linked privately, so it never reaches dependencies.
add_library(piperoll_warnings INTERFACE)
target_compile_options(piperoll_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  -Wno-missing-field-initializers  # designated initialisers leave defaults out on purpose
  -Woverloaded-virtual -Wnon-virtual-dtor -Wnull-dereference -Wimplicit-fallthrough -Wextra-semi
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  $<$<BOOL:${PIPEROLL_WERROR}>:-Werror>)
