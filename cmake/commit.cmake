# Finds the commit that the sources are of: git's, if they are a checkout of their own (followed by
# "-dirty" if files that git knows have been changed); else that in the file COMMIT, which a source
# distribution has; else "unknown". There is nothing of time or place in it, so builds of the same
# commit stay the same.
#
#   cmake -DSOURCE=FOLDER -P cmake/commit.cmake     prints it

function(weightless_commit source result)
  set(commit unknown)
  if(EXISTS "${source}/.git")
    find_program(WEIGHTLESS_GIT git)
    if(WEIGHTLESS_GIT)
      execute_process(
        COMMAND "${WEIGHTLESS_GIT}" describe --always --abbrev=40 --exclude=* --dirty
        WORKING_DIRECTORY "${source}"
        OUTPUT_VARIABLE described
        ERROR_QUIET
        OUTPUT_STRIP_TRAILING_WHITESPACE)
    endif()
  elseif(EXISTS "${source}/COMMIT")
    file(STRINGS "${source}/COMMIT" described LIMIT_COUNT 1)
  endif()
  # A pattern of 40 sets: CMake has no {40}.
  string(REPEAT "[0-9a-f]" 40 hash)
  if("${described}" MATCHES "^${hash}(-dirty)?$")
    set(commit "${described}")
  endif()
  set(${result} "${commit}" PARENT_SCOPE)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  weightless_commit("${SOURCE}" commit)
  execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${commit}")
endif()
