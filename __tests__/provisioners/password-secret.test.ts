import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PasswordSecret } from '../../src/provisioners/mongodb/password-secret.ts';
import { type ApiServer, sendJson, startApiServer } from '../cluster/api-server.ts';
import { FakeClock } from '../fake-clock.ts';
import { failureOf, testPod } from './test-pod.ts';

/** What the API server does with the requests that come, in turn; all further ones succeed. */
type Fault = 'silent' | 'cut' | 500 | 429 | 409;

let api: ApiServer;
let directory: string;
let clock: FakeClock;
let faults: Fault[] = [];
let written: string[] = [];

beforeAll(async () => {
  api = await startApiServer(
    (_, response) => {
      const fault = faults.shift();
      if (fault === 'silent') return clock.advance(5_000);
      if (fault === 'cut') response.destroy();
      else sendJson(response, fault ?? 200, {});
    },
    (body) => written.push(body),
  );
  directory = await mkdtemp(path.join(tmpdir(), 'launchpad-account-'));
  await writeFile(path.join(directory, 'token'), 'pod-token');
  await writeFile(path.join(directory, 'ca.crt'), api.ca);
});
beforeEach(() => {
  clock = new FakeClock({ isAutomatic: true });
  faults = [];
  written = [];
});
afterAll(async () => {
  await api.stop();
  await rm(directory, { recursive: true });
});

/** The Secret as a pod writes it that has no time left; the limit of an attempt is reached where the API server is silent. */
function passwordSecret(): PasswordSecret {
  const { hostname, port } = new URL(api.url);
  const apiServer = { host: hostname, port, accountDirectory: directory };
  const pod = testPod(0, clock);
  return new PasswordSecret({ apiServer, namespace: 'school', name: 'password', workflowUid: 'workflow-1', pod });
}

describe('a password that is shown once', () => {
  it.each<[string, Fault[]]>([
    ['is silent', ['silent', 'silent', 'silent']],
    ['cuts the connection', ['cut', 'cut']],
    ['is not well', [500, 429, 500]],
    ['tells of a conflict', [409, 409]],
  ])('is written even where the pod has no time left and the API server first %s', async (_, met) => {
    faults = [...met];
    await passwordSecret().keep('shown-once');
    expect(written).toHaveLength(met.length + 1);
    expect(written.at(-1)).toContain(Buffer.from('shown-once').toString('base64'));
  });

  it('is given up within the 20 s that a pod has which is being ended', async () => {
    faults = Array.from<Fault>({ length: 1000 }).fill(500);
    const error = await failureOf(passwordSecret().keep('shown-once'));
    expect(clock.monotonicMs()).toBeLessThanOrEqual(20_000);
    expect(error).toMatchObject({ code: 'password-secret', message: expect.stringContaining('it answers 500') });
    expect(error.message).not.toContain('shown-once');
  });

  it('and an API server that stays silent is named, with what was being done', async () => {
    faults = Array.from<Fault>({ length: 1000 }).fill('silent');
    const error = await failureOf(passwordSecret().keep('shown-once'));
    // No attempt begins after 20 s, each has 5 s, and the pod ends after 30 s.
    expect(clock.monotonicMs()).toBeLessThanOrEqual(25_000);
    expect(error.code).toBe('password-secret');
    expect(error.message).toMatch(/^The Kubernetes API at .*: writing Secret password in namespace school failed: /);
  });
});
