# piperoll_fuzz(<name> SOURCE x_fuzz.cc DEPS base ... [CORPUS folder] [INPUT_BYTES_MAX n])
#
# With PIPEROLL_FUZZ, makes the libFuzzer executable fuzz_<name> and a test of that name (label
# "fuzz") which runs it for PIPEROLL_FUZZ_SECONDS on its corpus (default: the folder corpus/<name>
# beside the source, where there is one). New inputs go to the build tree; a failing one is kept there
# as crash-*. Without, makes an executable and a test corpus_<name> (label "unit"), which run the
# target once on each input of the corpus.
set(PIPEROLL_FUZZ_SECONDS 20 CACHE STRING "how long a test runs one fuzz target")
add_custom_target(fuzz_targets)

function(piperoll_fuzz name)
  cmake_parse_arguments(F "" "SOURCE;CORPUS;INPUT_BYTES_MAX" "DEPS" ${ARGN})
  set(target fuzz_${name})
  add_executable(${target} ${F_SOURCE})
  target_link_libraries(${target} PRIVATE piperoll_warnings)
  foreach(dep IN LISTS F_DEPS)
    target_link_libraries(${target} PRIVATE piperoll_${dep})
  endforeach()
  add_dependencies(fuzz_targets ${target})
  if(NOT F_CORPUS)
    set(F_CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  endif()
  if(NOT EXISTS ${F_CORPUS})
    set(F_CORPUS)
  endif()
  if(NOT PIPEROLL_FUZZ)
    target_sources(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/replay.cc)
    # GCC 12 finds null pointers in vector::insert.
    set_source_files_properties(${F_SOURCE} PROPERTIES COMPILE_OPTIONS -Wno-null-dereference)
    add_test(NAME corpus_${name} COMMAND ${target} ${F_CORPUS})
    set_tests_properties(corpus_${name} PROPERTIES LABELS unit TIMEOUT 120)
    return()
  endif()

  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  set(found ${CMAKE_CURRENT_BINARY_DIR}/found/${name})
  file(MAKE_DIRECTORY ${found})
  if(NOT F_INPUT_BYTES_MAX)
    set(F_INPUT_BYTES_MAX 4096)
  endif()
  math(EXPR timeout "${PIPEROLL_FUZZ_SECONDS} + 60")
  add_test(NAME ${target} COMMAND ${target} -max_total_time=${PIPEROLL_FUZZ_SECONDS}
    -max_len=${F_INPUT_BYTES_MAX} -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
    -artifact_prefix=${CMAKE_CURRENT_BINARY_DIR}/ ${found} ${F_CORPUS})
  set_tests_properties(${target} PROPERTIES LABELS fuzz TIMEOUT ${timeout})
endfunction()
