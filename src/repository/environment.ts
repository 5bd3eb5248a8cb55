/** Seconds that a connection, or its login, may take. */
const CONNECT_SECONDS = 30;
/** Seconds between two questions to a silent SSH server; after three without an answer the connection has hung. */
const ALIVE_SECONDS = 10;

/**
 * Configuration that ends a transfer over HTTP that has hung: one slower than 1 kB/s for 30 seconds
 * (https://git-scm.com/docs/git-config#Documentation/git-config.txt-httplowSpeedLimit).
 */
const HTTP_LIMITS: readonly (readonly [key: string, value: string])[] = [
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '30'],
];

/** The same for SSH, and no question to an operator (https://man.openbsd.org/ssh_config). */
const SSH_LIMITS = [
  `ConnectTimeout=${CONNECT_SECONDS}`,
  `ServerAliveInterval=${ALIVE_SECONDS}`,
  'ServerAliveCountMax=3',
  'BatchMode=yes',
];

/** OpenSSH by its name or path, such as actions/checkout writes: `"/usr/bin/ssh" -i "$RUNNER_TEMP/key" -o …`. */
const OPENSSH = /^\s*(?:(?:[\w./-]*\/)?ssh|"(?:[^"$`\\]*\/)?ssh"|'(?:[^']*\/)?ssh')(?=\s|$)/;
/** More than one command, or an end of the options. */
const NOT_EXTENSIBLE = /[;|&<>()`#\n\\]|\s--(\s|$)/;

/**
 * The SSH command with limits. OpenSSH takes the first value of an option, so the operator's own come first.
 *
 * @param environment of git
 * @param configured core.sshCommand of git's configuration
 * @returns value of GIT_SSH_COMMAND; undefined where the operator's own command is not plainly OpenSSH, and stays as it is
 * @see https://git-scm.com/docs/git#Documentation/git.txt-codeGITSSHcode for the order of the three
 */
export function sshCommand(
  environment: Readonly<Record<string, string>>,
  configured: string | undefined,
): string | undefined {
  const { GIT_SSH_COMMAND, GIT_SSH } = environment;
  const command = GIT_SSH_COMMAND || configured || GIT_SSH || 'ssh';
  if (!OPENSSH.test(command) || NOT_EXTENSIBLE.test(command)) return undefined;
  return [command, ...SSH_LIMITS.map((limit) => `-o ${limit}`)].join(' ');
}

/**
 * The environment of a git command: the caller's, with configuration that goes the same way, so that neither an argument
 * list nor a file has it.
 */
export function environmentOf({
  environment,
  config,
}: {
  readonly environment: Readonly<Record<string, string>>;
  readonly config: readonly (readonly [key: string, value: string])[];
}): Record<string, string> {
  const entries = [
    ...HTTP_LIMITS,
    // The clone's own hooks are for its own commits.
    ['core.hooksPath', '/dev/null'],
    ['push.gpgSign', 'false'],
    ['push.followTags', 'false'],
    ['push.recurseSubmodules', 'no'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ...config,
  ] as const;
  // The caller may give git configuration in the same way: ours comes after it.
  const first = Number.parseInt(environment.GIT_CONFIG_COUNT ?? '', 10) || 0;
  return {
    ...passedOn(environment),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    // The caller's index is not refreshed: another git may hold its lock.
    GIT_OPTIONAL_LOCKS: '0',
    GIT_CONFIG_COUNT: String(first + entries.length),
    ...Object.fromEntries(
      entries.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${first + index}`, key],
        [`GIT_CONFIG_VALUE_${first + index}`, value],
      ]),
    ),
  };
}

/** How git connects, how it is configured, what it traces. */
const PASSED_ON =
  /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|SSH(?:_COMMAND|_VARIANT)?|ASKPASS|EXEC_PATH|(?:SSL|HTTP|PROXY|CURL|TRACE2?|ALLOW_PROTOCOL|PROTOCOL)(?:_\w+)?)$/;

/**
 * The caller's environment for git. Of git's own variables it has those above alone: the others say where git works, as
 * GIT_DIR, GIT_WORK_TREE or GIT_INDEX_FILE, or what a commit is like, and could lead it elsewhere.
 */
function passedOn(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('GIT_') || PASSED_ON.test(name)),
  );
}
