# piperoll_module(<name> SOURCES a.cc ... [HEADERS a.h ...] [DEPS base ...] [LIBS OpenSSL::Crypto ...]
#                 [TESTS a_test.cc ...] [TEST_DEPS store_memory ...] [TEST_PARTS 4])
#
# Makes the static library piperoll_<name>, a test executable <name>_test (ctest label "unit"; with
# TEST_PARTS that many tests, which share the work and run side by side), and with
# PIPEROLL_HEADER_CHECK a target that compiles every header alone. <name> is the module's path under
# src/ with '/' as '_'. One include root: #include "module/header.h".
#
# The target unit_tests builds every <name>_test and nothing else: what the sanitizer trees need beside
# the program, which their conformance tests start. Under ThreadSanitizer it leaves out the modules that
# are pure functions over values.
option(PIPEROLL_HEADER_CHECK "compile every header alone" OFF)
set(PIPEROLL_SHARED_DATA ${CMAKE_SOURCE_DIR}/../shared/data CACHE PATH
    "recorded audit events, not part of the repository; tests that want them skip without them")
set(PIPEROLL_PURE_MODULES "^(crypto|event|wire|query|operation|tlog|evidence|dialect.*|cli)$")
if(PIPEROLL_TESTS)
  add_custom_target(unit_tests)
endif()

# A sanitizer build optimises only the modules whose tests do much work: without -O1 the others compile
# in a third of the time (frontier/decode.cc: 4 s instead of 12) and are checked all the same.
set(PIPEROLL_BUSY_MODULES "^(base|crypto|event|query|evidence|tlog|journal.*|store.*)$")

# Test sources are big templates (RapidCheck) that run once: optimising them, or checking their
# arithmetic, costs two thirds of a sanitizer build (json_test.cc: 15 s instead of 49) and finds
# nothing in the code they test, which keeps all its checks.
set(PIPEROLL_TEST_OPTIONS -O0)
set(PIPEROLL_TEST_SECONDS_MAX 600)
if(PIPEROLL_SANITIZE)
  set(PIPEROLL_TEST_SECONDS_MAX 1500)
endif()
if(PIPEROLL_SANITIZE MATCHES "undefined")
  list(APPEND PIPEROLL_TEST_OPTIONS -fno-sanitize=undefined)
endif()

function(piperoll_module name)
  cmake_parse_arguments(M "" "TEST_PARTS" "SOURCES;HEADERS;DEPS;LIBS;TESTS;TEST_DEPS;TEST_LIBS" ${ARGN})
  set(target piperoll_${name})
  if(M_SOURCES)
    add_library(${target} STATIC ${M_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE piperoll_warnings)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  if(M_SOURCES AND PIPEROLL_SANITIZE AND NOT PIPEROLL_FUZZ AND NOT name MATCHES "${PIPEROLL_BUSY_MODULES}")
    target_compile_options(${target} PRIVATE -O0)
  endif()
  target_include_directories(${target} ${scope} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${target} ${scope} piperoll_sanitizers Threads::Threads ${M_LIBS})
  foreach(dep IN LISTS M_DEPS)
    target_link_libraries(${target} ${scope} piperoll_${dep})
  endforeach()

  if(PIPEROLL_HEADER_CHECK AND M_HEADERS)
    set(alone "")
    foreach(header IN LISTS M_HEADERS)
      set(file ${CMAKE_CURRENT_BINARY_DIR}/alone_${header}.cc)
      file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR}/src ${CMAKE_CURRENT_SOURCE_DIR}/${header})
      file(CONFIGURE OUTPUT ${file} CONTENT "#include \"${path}\"\n#include \"${path}\"\n")
      list(APPEND alone ${file})
    endforeach()
    add_library(${target}_headers OBJECT ${alone})
    target_link_libraries(${target}_headers PRIVATE ${target} piperoll_warnings)
    set_source_files_properties(${alone} PROPERTIES COMPILE_OPTIONS "-O0;-g0")
  endif()

  if(PIPEROLL_SANITIZE STREQUAL "thread" AND name MATCHES "${PIPEROLL_PURE_MODULES}")
    set(M_TESTS "")
  endif()
  if(PIPEROLL_TESTS AND M_TESTS)
    add_executable(${name}_test ${M_TESTS})
    set_source_files_properties(${M_TESTS} PROPERTIES COMPILE_OPTIONS "${PIPEROLL_TEST_OPTIONS}")
    target_link_libraries(${name}_test PRIVATE ${target} piperoll_warnings rapidcheck
                          GTest::gmock GTest::gtest GTest::gtest_main ${M_TEST_LIBS})
    foreach(dep IN LISTS M_TEST_DEPS)
      target_link_libraries(${name}_test PRIVATE piperoll_${dep})
    endforeach()
    target_compile_definitions(${name}_test PRIVATE
      PIPEROLL_SOURCE_DIR="${CMAKE_SOURCE_DIR}" PIPEROLL_SHARED_DATA="${PIPEROLL_SHARED_DATA}")
    add_dependencies(unit_tests ${name}_test)
    piperoll_add_unit_tests(${name} "${M_TEST_PARTS}")
  endif()
endfunction()

function(piperoll_add_unit_tests name parts)
  if(NOT parts)
    set(parts 1)
  endif()
  foreach(part RANGE 1 ${parts})
    set(test ${name})
    if(parts GREATER 1)
      set(test ${name}_${part})
    endif()
    math(EXPR index "${part} - 1")
    add_test(NAME ${test} COMMAND ${name}_test --gtest_brief=1)
    set_tests_properties(${test} PROPERTIES LABELS unit TIMEOUT ${PIPEROLL_TEST_SECONDS_MAX}
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${parts};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()
