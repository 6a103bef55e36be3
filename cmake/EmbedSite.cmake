# piperoll_embed_site(<target>): what browsers fetch without a credential becomes a source of <target>:
# the description of the API (docs/api/openapi.yaml) and the viewer (web/), see docs/adr/0030.
#
# The viewer is built by Node.js from web/, with packages that npm fetches once (web/package-lock.json
# names and hashes them). Without Node.js: -DPIPEROLL_VIEWER=OFF, and / says that it is not there.
option(PIPEROLL_VIEWER "build and embed the viewer (needs node and npm)" ON)
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

function(piperoll_embed_site target)
  set(api ${CMAKE_CURRENT_BINARY_DIR}/site/api)
  add_custom_command(
    OUTPUT ${api}/openapi.json
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/openapi_json.py
            ${CMAKE_SOURCE_DIR}/docs/api/openapi.yaml ${api}/openapi.json
    DEPENDS ${CMAKE_SOURCE_DIR}/docs/api/openapi.yaml ${CMAKE_SOURCE_DIR}/tools/openapi_json.py
    COMMENT "Writing openapi.json" VERBATIM)

  if(PIPEROLL_VIEWER)
    find_program(NODE_PROGRAM NAMES node nodejs)
    find_program(NPM_PROGRAM npm)
    if(NOT NODE_PROGRAM OR NOT NPM_PROGRAM)
      message(FATAL_ERROR "The viewer is built with node and npm, and they are not here. Install them "
                          "(Debian: nodejs npm), or build without the viewer: -DPIPEROLL_VIEWER=OFF")
    endif()
    set(viewer ${CMAKE_CURRENT_BINARY_DIR}/site/viewer)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/*)
    set(packages ${CMAKE_SOURCE_DIR}/web/package.json ${CMAKE_SOURCE_DIR}/web/package-lock.json)
    add_custom_command(
      OUTPUT ${viewer}/index.html
      COMMAND ${CMAKE_COMMAND} -E env NPM=${NPM_PROGRAM}
              ${NODE_PROGRAM} ${CMAKE_SOURCE_DIR}/web/build.mjs ${viewer}
      DEPENDS ${sources} ${packages} ${CMAKE_SOURCE_DIR}/web/build.mjs
              ${CMAKE_SOURCE_DIR}/web/install.mjs
      COMMENT "Building the viewer" VERBATIM)
  else()
    set(viewer ${CMAKE_SOURCE_DIR}/web/absent)
  endif()

  set(source ${CMAKE_CURRENT_BINARY_DIR}/site/site_files.cc)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/embed_site.py ${source} ${api} ${viewer}
    DEPENDS ${api}/openapi.json ${viewer}/index.html ${CMAKE_SOURCE_DIR}/tools/embed_site.py
    COMMENT "Embedding the site" VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()
