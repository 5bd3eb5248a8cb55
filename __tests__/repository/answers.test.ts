import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { FakeClock } from '../fake-clock.ts';
import { changeOf, givenRepositories, listen } from './given.ts';

const given = givenRepositories();
const stopped: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stopped.splice(0).map((stop) => stop()));
});

type Rule = (request: IncomingMessage, response: ServerResponse) => boolean | 'after';

/** A git host before the git server: a rule answers a request itself, or lets it through and loses the answer ("after"). */
async function openBehind(rule: Rule, clock = new FakeClock({ isAutomatic: true })) {
  const unknown: boolean[] = [];
  const change = { ...changeOf('A: 1\n'), onUnknown: (isUnknown: boolean) => void unknown.push(isUnknown) };
  const { name, checkout } = await given.openNew();
  const lines: string[] = [];
  const server = createServer(async (request, response) => {
    const verdict = rule(request, response);
    if (verdict === true) return;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { host: _, connection: __, 'content-length': ___, 'transfer-encoding': ____, ...headers } = request.headers;
    const answer = await fetch(`${given.server.url}${request.url}`, {
      method: request.method ?? 'GET',
      headers: Object.entries(headers).map(([key, value]): [string, string] => [key, String(value)]),
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (verdict === 'after') {
      response.writeHead(502).end('<html>Bad gateway</html>');
      return;
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(body);
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  stopped.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const header = await checkout.git('config', '--get', `http.${given.server.url}/.extraheader`);
  await checkout.git('config', `http.${url}/.extraheader`, header);
  await checkout.git('remote', 'set-url', 'origin', `${url}/${name}.git`);
  const repository = await given.open(checkout, { clock, onRetry: (line) => lines.push(line) });
  return { name, repository, clock, lines, change, unknown };
}

const isPack = ({ url = '' }: IncomingMessage) => url.endsWith('/git-receive-pack');

/** Answers the first requests with a status. */
function failing(times: number, code: number, headers: Readonly<Record<string, string>> = {}): Rule {
  let left = times;
  return (_, response) => {
    left -= 1;
    if (left < 0) return false;
    response.writeHead(code, headers).end('busy');
    return true;
  };
}

describe('a git host', () => {
  it.each([408, 429, 500, 502, 503, 504, 522])('that answers %i is asked again', async (code) => {
    const { name, repository, lines } = await openBehind(failing(2, code));
    expect((await repository.fetchHead()).commit).toBe(await given.server.git(name, 'rev-parse', 'main'));
    expect(lines).toHaveLength(2);
  });

  it.each([
    [400, 'push-failed'],
    [401, 'credentials-refused'],
    [403, 'push-denied'],
    [404, 'repository-not-found'],
    [413, 'push-too-large'],
  ])('that answers %i is not asked again', async (code, expected) => {
    const { repository, lines } = await openBehind(failing(1, code));
    await expect(repository.fetchHead()).rejects.toMatchObject({ code: expected });
    expect(lines).toEqual([]);
  });

  it('that asks to wait is left alone so long, by seconds or by a date', async () => {
    for (const [header, ms] of [
      ['7', 7_000],
      [new Date(60_000).toUTCString(), 60_000],
    ] as const) {
      const { repository, clock, lines } = await openBehind(failing(1, 429, { 'Retry-After': header }));
      await repository.fetchHead();
      expect(clock.monotonicMs()).toBeGreaterThanOrEqual(ms);
      expect(clock.monotonicMs()).toBeLessThan(ms + 1_000);
      expect(lines[0]).toContain(`asks to wait ${ms / 1_000} seconds. Trying again (2 of 5).`);
    }
  });

  it('that asks to wait longer than five minutes is not waited for', async () => {
    const { repository, clock } = await openBehind(failing(1, 503, { 'Retry-After': '3600' }));
    await expect(repository.fetchHead()).rejects.toMatchObject({
      code: 'repository-unreachable',
      message: expect.stringContaining('asks to wait 3600 seconds'),
    });
    expect(clock.monotonicMs()).toBe(0);
  });

  it('that fails each time is an error after five attempts', async () => {
    let requests = 0;
    const { repository, lines } = await openBehind((_, response) => {
      requests += 1;
      response.writeHead(503).end();
      return true;
    });
    await expect(repository.fetchHead()).rejects.toMatchObject({ code: 'repository-unreachable' });
    expect({ requests, retries: lines.length }).toEqual({ requests: 5, retries: 4 });
  });

  it('is asked again whether we may push', async () => {
    const rule = failing(0, 503);
    let left = 2;
    const { repository } = await openBehind((request, response) => {
      if (!(request.url ?? '').includes('service=git-receive-pack')) return rule(request, response);
      left -= 1;
      if (left < 0) return false;
      response.writeHead(503).end();
      return true;
    });
    await expect(repository.checkPush(await repository.fetchHead())).resolves.toBeUndefined();
  });
});

describe('a push whose answer is lost', () => {
  it('is found on the branch, though others pushed after it', async () => {
    let isOnce = true;
    const world = await openBehind((request) => {
      if (!isPack(request) || !isOnce) return false;
      isOnce = false;
      return 'after';
    });
    given.server.afterPush = async () => {
      given.server.afterPush = undefined;
      await given.server.commit(world.name, { 'instances/school/config.yml': 'A: 2\n' });
      return true;
    };
    const { kind, commit } = await world.repository.push(world.change);
    expect(kind).toBe('pushed');
    expect(commit).toBe(await given.server.git(world.name, 'rev-parse', 'main^'));
  });

  it('is found on the branch though it is the last attempt', async () => {
    let pushes = 0;
    const { name, repository, change, unknown } = await openBehind((request, response) => {
      if (!isPack(request)) return false;
      pushes += 1;
      if (pushes === 5) return 'after';
      response.writeHead(502).end();
      return true;
    });
    expect(await repository.push(change)).toEqual({
      kind: 'pushed',
      commit: await given.server.git(name, 'rev-parse', 'main'),
    });
    expect(pushes).toBe(5);
    expect(unknown.at(-1)).toBe(true);
  });

  it('and that did not arrive is the error of the push', async () => {
    const { name, repository, change, unknown } = await openBehind((request, response) => {
      if (isPack(request)) response.writeHead(502).end();
      return isPack(request);
    });
    await expect(repository.push(change)).rejects.toMatchObject({ code: 'repository-unreachable' });
    expect(await given.server.log(name)).toHaveLength(1);
    expect(unknown.at(-1)).toBe(false);
  });

  it.each([
    [503, 'the host fails from then on'],
    [401, 'the credentials ended'],
  ])('and that cannot be looked up is not known (%i: %s)', async (code) => {
    let isLost = false;
    const { name, repository, change, unknown } = await openBehind((request, response) => {
      if (isLost) response.writeHead(code).end();
      if (isLost) return true;
      isLost = isPack(request);
      return isLost ? 'after' : false;
    });
    await expect(repository.push(change)).rejects.toMatchObject({
      code: 'push-unknown',
      message: expect.stringMatching(/^It is not known whether commit [0-9a-f]{7} reached branch main of /),
      remedy: expect.stringContaining('Run again'),
    });
    expect(await given.server.log(name)).toHaveLength(2);
    expect(unknown).toEqual([true]);
  });

  it('is not looked up after a refusal', async () => {
    const { repository, lines, change, unknown } = await openBehind((request, response) => {
      if (isPack(request)) response.writeHead(403).end();
      return isPack(request);
    });
    await expect(repository.push(change)).rejects.toMatchObject({ code: 'push-denied' });
    expect(lines).toEqual([]);
    expect(unknown).toEqual([true, false]);
  });
});
