# PIPEROLL_SANITIZE=address,undefined or thread: for all our targets alike.
add_library(piperoll_sanitizers INTERFACE)
if(PIPEROLL_SANITIZE)
  target_compile_options(piperoll_sanitizers INTERFACE
    -fsanitize=${PIPEROLL_SANITIZE} -fno-omit-frame-pointer
    $<$<STREQUAL:${PIPEROLL_SANITIZE},address$<COMMA>undefined>:-fno-sanitize-recover=undefined>)
  target_link_options(piperoll_sanitizers INTERFACE -fsanitize=${PIPEROLL_SANITIZE})
  if(PIPEROLL_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 warns inside Asio that atomic_thread_fence is not instrumented.
    target_compile_options(piperoll_sanitizers INTERFACE -Wno-tsan)
  endif()
endif()
