import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import nock from 'nock';
import { startGithub } from '../../../sandbox/github/api.ts';
import { connectGithub } from '../../../src/action/github/api.ts';
import { connected, type ListedFile, ROOT } from '../github-api.ts';
import { given } from '../given.ts';

const FILES = '/repos/org/cluster/pulls/7/files';
const COMMENTS = '/repos/org/cluster/issues/7/comments';

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

function file(filename: string, status: ListedFile['status'] = 'added', previous?: string): ListedFile {
  const url = `https://ghe.example.org/org/cluster/blob/sha/${filename}`;
  return {
    sha: 'bbcd538c8e72b8c175046e27cc8f907076331401',
    filename,
    status,
    additions: 1,
    deletions: 0,
    changes: 1,
    blob_url: url,
    raw_url: url,
    contents_url: url,
    patch: '@@ -0,0 +1 @@\n+A: b',
    ...(previous === undefined ? {} : { previous_filename: previous }),
  };
}

const names = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `instances/i${from + index}/config.yml`);

/** The interceptor of one page, with the header by which GitHub names the next. */
function answerPage(path: string, page: number, body: object[], hasNext: boolean): void {
  const next = `<${ROOT}${path}?per_page=100&page=${page + 1}>; rel="next", <${ROOT}${path}?per_page=100&page=9>; rel="last"`;
  const query = { per_page: '100', ...(page > 1 ? { page: String(page) } : {}) };
  const headers = { authorization: 'token a-token' };
  nock(ROOT, { reqheaders: headers })
    .get(path)
    .query(query)
    .reply(200, body, hasNext ? { link: next } : {});
}

describe('a repository', () => {
  it.each([
    [{ private: true }, false],
    [{ private: false }, true],
    [{ private: false, visibility: 'public' }, true],
    [{ private: true, visibility: 'internal' }, false],
  ])('is public or not, as the API says: %j', async (body, expected) => {
    nock(ROOT).get('/repos/org/cluster').reply(200, body);
    expect(await (await connected()).isPublic('org', 'cluster')).toBe(expected);
  });

  it('that the token may not read is an error', async () => {
    nock(ROOT).get('/repos/org/cluster').reply(404, { message: 'Not Found' });
    await expect((await connected()).isPublic('org', 'cluster')).rejects.toMatchObject({ code: 'github-refused' });
  });
});

describe("the files of a pull request, by an Enterprise Server's API", () => {
  it('are read page by page', async () => {
    for (const page of [1, 2, 3])
      answerPage(
        FILES,
        page,
        names(100, page * 100).map((name) => file(name)),
        true,
      );
    answerPage(FILES, 4, [file('b/config.yml', 'renamed', 'a/config.yml'), file('c', 'removed')], false);
    const found = await (await connected()).pullRequestFiles(7);
    expect(found).toHaveLength(302);
    expect(found.slice(0, 300).map(({ filename }) => filename)).toEqual(names(300, 100));
    expect(found.at(-2)).toMatchObject({ status: 'renamed', previous_filename: 'a/config.yml' });
    expect(nock.pendingMocks()).toEqual([]);
  });

  it.each([500, 502, 503, 429])('are asked for again after %i', async (status) => {
    nock(ROOT).get(FILES).query(true).twice().reply(status, { message: 'later' });
    answerPage(FILES, 1, [file('a')], false);
    expect(await (await connected()).pullRequestFiles(7)).toHaveLength(1);
  });

  it('are asked for again after a lost connection, and given up after four attempts', async () => {
    nock(ROOT).get(FILES).query(true).replyWithError('read ECONNRESET');
    answerPage(FILES, 1, [file('a')], false);
    expect(await (await connected()).pullRequestFiles(7)).toHaveLength(1);

    nock(ROOT).get(FILES).query(true).times(9).reply(502, { message: 'Server Error' });
    await expect((await connected()).pullRequestFiles(7)).rejects.toMatchObject({
      code: 'github-unreachable',
      message: expect.stringMatching(/did not list the files of pull request #7: 502 .*Server Error/),
    });
    const left = nock.pendingMocks().length;
    expect(left).toBe(1);
  });

  it('are waited for while GitHub limits the rate, and not for long', async () => {
    const limit = { message: 'You have exceeded a secondary rate limit. Please wait.' };
    nock(ROOT).get(FILES).query(true).reply(403, limit, { 'retry-after': '5' });
    answerPage(FILES, 1, [file('a')], false);
    const lines: string[] = [];
    expect(
      await (
        await connected({ log: { debug: () => undefined, info: (line) => void lines.push(line) } })
      ).pullRequestFiles(7),
    ).toHaveLength(1);
    expect(lines).toEqual(["GitHub's API limits the rate: trying again in 5 s."]);

    nock(ROOT).get(FILES).query(true).times(9).reply(403, limit, { 'retry-after': '3600' });
    await expect((await connected()).pullRequestFiles(7)).rejects.toMatchObject({
      remedy: expect.stringContaining('limit of the token'),
    });
    nock.cleanAll();
    const reset = String(Math.floor(Date.now() / 1000) + 1);
    const used = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
    nock(ROOT).get(FILES).query(true).reply(403, { message: 'API rate limit exceeded' }, used);
    answerPage(FILES, 1, [file('a')], false);
    expect(await (await connected()).pullRequestFiles(7)).toHaveLength(1);
  });

  it.each([
    [401, 'Bad credentials', 'api-token'],
    [403, 'Resource not accessible by integration', 'permissions: pull-requests: write'],
    [404, 'Not Found', 'permissions: pull-requests: write'],
  ])('are refused with %i: %s, and the remedy names the %s', async (status, message, remedy) => {
    nock(ROOT).get(FILES).query(true).reply(status, { message });
    await expect((await connected()).pullRequestFiles(7)).rejects.toMatchObject({
      code: 'github-refused',
      message: expect.stringContaining(`${status} ${message}`),
      remedy: expect.stringContaining(remedy),
    });
  });
});

describe('the API', () => {
  it('is that of GITHUB_API_URL, with the token of the input', async () => {
    answerPage(COMMENTS, 1, [], false);
    const lines: string[] = [];
    const api = await connected({ log: { debug: (line) => void lines.push(line), info: () => undefined } });
    expect(await api.comments(7)).toEqual([]);
    expect(lines).toEqual([expect.stringMatching(`^GET ${ROOT}${COMMENTS}\\?per_page=100: 200, \\d+ ms$`)]);
    await expect(connectGithub(given({}), {})).rejects.toThrow(
      "api-token: missing; without it GitHub's API cannot be asked",
    );
  });

  it('is reached by the proxy of the environment, unless NO_PROXY names it', async () => {
    const stand = await startGithub({ token: 'a-token', listFiles: async () => [] });
    const seen: string[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      seen.push(request.url ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    const HTTPS_PROXY = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const proxies = { HTTPS_PROXY, HTTP_PROXY: HTTPS_PROXY };
    try {
      expect(await commentsWith({ ...proxies, GITHUB_API_URL: ROOT })).toBe('github-unreachable');
      expect(new Set(seen)).toEqual(new Set(['ghe.example.org:443']));
      seen.length = 0;
      expect(await commentsWith({ ...proxies, GITHUB_API_URL: stand.url, NO_PROXY: '127.0.0.1' })).toBe('[]');
      expect(seen).toEqual([]);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
      await stand.stop();
    }
  });
});

/** Lists the comments of pull request 7, or shows the code of the error. */
const LIST_COMMENTS = `
  const { connectGithub } = await import(${JSON.stringify(path.resolve('src/action/github/api.ts'))});
  const inputSource = { input: () => 'a-token', variable: () => undefined, environment: () => ({}) };
  const { api } = await connectGithub(inputSource, { pauseMs: 1 });
  console.log(await api.comments(7).then(JSON.stringify, ({ code }) => code));
`;

/** What a process with this environment gets. @actions/github reads the environment once, when it is loaded. */
async function commentsWith(environment: Readonly<Record<string, string>>): Promise<string> {
  const env = { PATH: process.env.PATH, GITHUB_REPOSITORY: 'org/cluster', ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', LIST_COMMENTS], { env });
  return stdout.trim();
}
