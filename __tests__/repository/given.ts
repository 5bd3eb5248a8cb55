import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Checkout, checkOut } from '../../sandbox/checkout.ts';
import { type GitServer, startGitServer } from '../../sandbox/git/server.ts';
import { type Clock, SYSTEM_CLOCK } from '../../src/core/clock.ts';
import { ClusterRepository, type RepositoryOptions } from '../../src/repository/cluster-repository.ts';

/** May push to each repository; the reader may not. */
export const TOKEN = 'push-token-71c3';
export const READER_TOKEN = 'reader';

/** No delay between two attempts. */
export const NO_DELAY: Clock = { ...SYSTEM_CLOCK, sleep: async (_, signal) => signal?.throwIfAborted() };

type Files = Readonly<Record<string, string>>;

/** A git server with repositories, and checkouts of them. */
export interface GivenRepositories {
  readonly server: GitServer;
  /** Home directory of git, with a space in its path. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  newRepository(files?: Files, owner?: string): Promise<{ readonly name: string; readonly url: string }>;
  /** A checkout of depth 1, as of actions/checkout, which is removed after the last test. */
  checkOut(url: string, token?: string): Promise<Checkout>;
  open(checkout: Pick<Checkout, 'directory'>, options?: Partial<RepositoryOptions>): Promise<ClusterRepository>;
  /** A new repository with these files, a checkout of it, and that opened. */
  openNew(files?: Files, options?: Partial<RepositoryOptions>): Promise<OpenedRepository>;
}

export interface OpenedRepository {
  readonly name: string;
  readonly url: string;
  readonly checkout: Checkout;
  readonly repository: ClusterRepository;
}

/** Starts the server before the first test of a file, and removes everything after the last one. */
export function givenRepositories(): GivenRepositories {
  let started: { readonly server: GitServer; readonly home: string } | undefined;
  const checkouts: Checkout[] = [];
  let count = 0;
  beforeAll(async () => {
    const server = await startGitServer([
      { name: 'x-access-token', password: TOKEN, mayPush: true },
      { name: 'x-access-token', password: READER_TOKEN, mayPush: false },
    ]);
    started = { server, home: await mkdtemp(path.join(tmpdir(), 'launchpad repository ')) };
  });
  afterEach(() => Object.assign(running().server, NO_HOOKS));
  afterAll(async () => {
    const { server, home } = running();
    await server.stop();
    await Promise.all([rm(home, { recursive: true, force: true }), ...checkouts.map((checkout) => checkout.remove())]);
  });
  const running = () => {
    if (started === undefined) throw new Error('The git server runs during the tests alone.');
    return started;
  };
  const given: GivenRepositories = {
    get server() {
      return running().server;
    },
    get home() {
      return running().home;
    },
    get environment() {
      return { PATH: process.env.PATH ?? '', HOME: running().home };
    },
    async newRepository(files = { 'README.md': 'hello\n' }, owner = 'org') {
      count += 1;
      const name = `${owner}/repository-${count}`;
      return { name, url: await given.server.createRepository(name, files) };
    },
    async checkOut(url, token = TOKEN) {
      const checkout = await checkOut(url, token);
      checkouts.push(checkout);
      return checkout;
    },
    async open({ directory }, options = {}) {
      return await ClusterRepository.open({
        directory,
        remote: 'origin',
        branch: 'main',
        token: undefined,
        author: { name: 'A Robot', email: 'robot@example.org' },
        environment: given.environment,
        clock: NO_DELAY,
        ...options,
      });
    },
    async openNew(files, options) {
      const { name, url } = await given.newRepository(files);
      const checkout = await given.checkOut(url);
      return { name, url, checkout, repository: await given.open(checkout, options) };
    },
  };
  return given;
}

const NO_HOOKS = { beforePush: undefined, afterPush: undefined, protectedBranch: undefined };

/** A change of one file. */
export function changeOf(content: string, file = 'instances/school/config.yml') {
  return { message: 'feat: add', build: async () => new Map([[file, new TextEncoder().encode(content)]]) };
}

/** Lets a server listen on a free port, and returns that. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
