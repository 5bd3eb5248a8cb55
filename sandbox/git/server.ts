import { execFile, spawn } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { listenAt, stopHttp } from '../listening.ts';

/** A user of the server; one that only reads is refused a push as GitHub refuses it. */
export interface GitUser {
  readonly name: string;
  readonly password: string;
  readonly mayPush: boolean;
}

/** A git server of the sandbox: bare repositories over http, by git's own http-backend. */
export interface GitServer {
  readonly url: string;
  /** What was asked for, and with which credentials, in this order. */
  readonly requests: readonly { readonly path: string; readonly authorization: string | undefined }[];
  /**
   * Creates a repository whose branch main has one commit with these files, and returns its URL. One whose name begins with
   * `public/` needs no password to read.
   */
  createRepository(name: string, files: Files): Promise<string>;
  /** Commits files on a branch, as another developer would. */
  commit(name: string, files: Files, branch?: string): Promise<void>;
  /** A file at the head of a branch, or undefined. */
  read(name: string, file: string, branch?: string): Promise<Buffer | undefined>;
  /** Subjects of a branch's commits, newest first. */
  log(name: string, branch?: string): Promise<string[]>;
  /** Runs git in the repository and returns its output. */
  git(name: string, ...args: string[]): Promise<string>;
  /** Refuses pushes to that branch as GitHub does for a protected one; undefined: none. */
  protectedBranch: string | undefined;
  /** What the hook of a repository says to each push, which it refuses; by the repository's name. */
  readonly refusals: Map<string, string>;
  /** Called when a push has come in, before git gets it. */
  beforePush: (() => Promise<void>) | undefined;
  /** Called when git has taken a push, before the client gets the answer; false: it gets none. */
  afterPush: (() => Promise<boolean>) | undefined;
  stop(): Promise<void>;
}

type Files = Readonly<Record<string, string | Uint8Array>>;

const run = promisify(execFile);

/** Like GitHub, and without the upkeep that a repository of some minutes does not need. */
const CONFIG = `[http]
	receivepack = true
[uploadpack]
	allowReachableSHA1InWant = true
[receive]
	autogc = false
[gc]
	auto = 0
[core]
	fsync = none
`;

/** Starts the server on a free port; `users` are asked for their password. */
export async function startGitServer(users: readonly GitUser[]): Promise<GitServer> {
  const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-git-'));
  const server = createServer((request, response) => {
    answer(state, request, response).catch(() => response.destroy());
  });
  const url = `http://127.0.0.1:${await listenAt(server)}`;
  const bare = (name: string) => path.join(directory, `${name}.git`);
  const git = async (name: string, ...args: string[]) =>
    (await run('git', ['-C', bare(name), ...args], { maxBuffer: 1 << 26 })).stdout.trimEnd();
  const commit = async (name: string, files: Files, branch = 'main') => {
    const wanted = [`refs/heads/${branch}`, 'refs/heads/main'];
    const present = (await git(name, 'for-each-ref', '--format=%(refname)', ...wanted)).split('\n');
    const parent = wanted.find((ref) => present.includes(ref));
    const importing = run('git', ['-C', bare(name), 'fast-import', '--quiet', '--date-format=now']);
    importing.child.stdin?.end(importOf(files, branch, parent));
    await importing;
  };
  const state: GitServer & ServerState = {
    url,
    requests: [],
    directory,
    users,
    protectedBranch: undefined,
    refusals: new Map(),
    beforePush: undefined,
    afterPush: undefined,
    git,
    commit,
    createRepository: async (name, files) => {
      await run('git', ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', bare(name)]);
      await appendFile(path.join(bare(name), 'config'), CONFIG);
      await commit(name, files);
      return `${url}/${name}.git`;
    },
    read: async (name, file, branch = 'main') =>
      await run('git', ['-C', bare(name), 'cat-file', 'blob', `${branch}:${file}`], {
        encoding: 'buffer',
        maxBuffer: 1 << 26,
      }).then(
        ({ stdout }) => stdout,
        () => undefined,
      ),
    log: async (name, branch = 'main') => (await git(name, 'log', '--format=%s', branch)).split('\n'),
    stop: async () => {
      await stopHttp(server);
      await rm(directory, { recursive: true, force: true });
    },
  };
  return state;
}

/** A commit for `git fast-import` (https://git-scm.com/docs/git-fast-import): one process does what a clone takes eight for. */
function importOf(files: Files, branch: string, parent: string | undefined): Buffer {
  const data = (content: string | Uint8Array) => [`data ${Buffer.byteLength(content)}\n`, content, '\n'];
  const parts = [
    `commit refs/heads/${branch}\ncommitter Example <example@example.org> now\n`,
    ...data(`Change ${Object.keys(files).join(', ')}\n`),
    ...(parent === undefined ? [] : [`from ${parent}^0\n`]),
    ...Object.entries(files).flatMap(([file, content]) => [`M 100644 inline ${file}\n`, ...data(content)]),
  ];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

interface ServerState {
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[];
  readonly directory: string;
  readonly users: readonly GitUser[];
}

async function answer(
  state: GitServer & ServerState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', state.url);
  const isPush = url.pathname.endsWith('/git-receive-pack') || url.searchParams.get('service') === 'git-receive-pack';
  state.requests.push({ path: url.pathname, authorization: request.headers.authorization });
  const headers = request.rawHeaders.filter((name, index) => index % 2 === 0 && /^authorization$/i.test(name));
  if (headers.length > 1) {
    response.writeHead(400).end('Duplicate header: "Authorization"');
    return;
  }
  const user = state.users.find(
    ({ name, password }) => request.headers.authorization?.toLowerCase() === basic(name, password).toLowerCase(),
  );
  const isPublic = url.pathname.startsWith('/public/') && !isPush;
  if (user === undefined && !isPublic) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="sandbox"' }).end();
    return;
  }
  if (isPush && user?.mayPush !== true) {
    response.writeHead(403).end(`remote: Permission to repository denied to ${user?.name}.`);
    return;
  }
  const isPack = request.method === 'POST' && url.pathname.endsWith('/git-receive-pack');
  if (isPack) await state.beforePush?.();
  const { head, body, status } = await httpBackend(state, url, request, user?.name ?? '');
  if (isPack && (await state.afterPush?.()) === false) {
    response.destroy();
    return;
  }
  response.writeHead(status, head).end(body);
}

function basic(name: string, password: string): string {
  return `basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

interface CgiAnswer {
  readonly status: number;
  readonly head: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** https://git-scm.com/docs/git-http-backend: a CGI program that git brings along. */
async function httpBackend(
  state: GitServer & ServerState,
  url: URL,
  request: IncomingMessage,
  user: string,
): Promise<CgiAnswer> {
  await writeHook(state, url);
  const { headers } = request;
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH ?? '',
      GIT_PROJECT_ROOT: state.directory,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
      REMOTE_USER: user,
    },
  });
  // A client that goes away in the middle ends git's input too: git would wait for the rest.
  pipeline(request, child.stdin).catch(() => undefined);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk);
  const output = Buffer.concat(chunks);
  const end = output.indexOf('\r\n\r\n');
  const lines = output.subarray(0, end).toString('utf8').split('\r\n');
  const head = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const { Status = '200', ...others } = head;
  return { status: Number.parseInt(Status, 10), head: others, body: output.subarray(end + 4) };
}

/** The hook of a protected branch, in GitHub's words, or one that refuses every push in its own. */
async function writeHook(
  { directory, protectedBranch, refusals }: GitServer & ServerState,
  { pathname }: URL,
): Promise<void> {
  const [repository = ''] = pathname.split('.git/');
  const hooks = path.join(directory, `${repository}.git`, 'hooks');
  const refusal = refusals.get(repository.slice(1));
  if (protectedBranch === undefined && refusal === undefined) {
    await rm(hooks, { recursive: true, force: true });
    return;
  }
  const text = refusal ?? 'error: GH006: Protected branch update failed for $ref.';
  const refs = refusal === undefined ? `refs/heads/${protectedBranch}` : '*';
  const hook = `#!/bin/sh\nwhile read old new ref; do\n  case "$ref" in ${refs}) cat >&2 <<END\n${text}\nEND\n    exit 1;;\n  esac\ndone\n`;
  await mkdir(hooks, { recursive: true });
  await writeFile(path.join(hooks, 'pre-receive'), hook, { mode: 0o755 });
}
