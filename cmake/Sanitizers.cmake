# PIPEROLL_SANITIZE=address,undefined or thread: for all our targets alike, so that nothing of ours
# runs unchecked. What the sanitizers say ends the process: a finding is a failed test.
add_library(piperoll_sanitizers INTERFACE)
if(PIPEROLL_SANITIZE)
  set(options -fsanitize=${PIPEROLL_SANITIZE} -fno-omit-frame-pointer)
  if(PIPEROLL_SANITIZE MATCHES "undefined")
    # Null pointers and small objects are AddressSanitizer's too; checked twice, every member access
    # costs a fifth of the compile time.
    list(APPEND options -fno-sanitize-recover=undefined -fno-sanitize=null,object-size)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      # clang 14 cannot assemble these two in a file with coroutines.
      list(APPEND options -fno-sanitize=function,vptr)
    endif()
  endif()
  if(PIPEROLL_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 warns inside Asio that atomic_thread_fence is not instrumented.
    list(APPEND options -Wno-tsan)
  endif()
  target_compile_options(piperoll_sanitizers INTERFACE ${options})
  target_link_options(piperoll_sanitizers INTERFACE -fsanitize=${PIPEROLL_SANITIZE})
endif()
