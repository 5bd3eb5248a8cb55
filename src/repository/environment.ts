/** How git connects, how it is configured, what it traces. */
const PASSED_ON =
  /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|SSH(?:_COMMAND|_VARIANT)?|ASKPASS|EXEC_PATH|(?:SSL|HTTP|PROXY|CURL|TRACE2?|ALLOW_PROTOCOL|PROTOCOL)(?:_\w+)?)$/;

/**
 * The caller's environment for git. Of git's own variables it has those above alone: the others say where git works, as
 * GIT_DIR, GIT_WORK_TREE or GIT_INDEX_FILE, or what a commit is like, and could lead it elsewhere.
 */
export function passedOn(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('GIT_') || PASSED_ON.test(name)),
  );
}
