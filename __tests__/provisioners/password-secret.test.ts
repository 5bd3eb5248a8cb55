import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PasswordSecret } from '../../src/provisioners/mongodb/password-secret.ts';
import { type ApiServer, sendJson, startApiServer } from '../cluster/api-server.ts';
import { failureOf, skippingClock, testPod } from './test-pod.ts';

/** What the API server does with the requests that come, in turn; all further ones succeed. */
type Fault = 'silent' | 'cut' | 500 | 429 | 409;

let api: ApiServer;
let directory: string;
let faults: Fault[] = [];
let written: string[] = [];

beforeAll(async () => {
  api = await startApiServer(
    (_, response) => {
      const fault = faults.shift();
      if (fault === 'silent') return;
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
  written = [];
});
afterAll(async () => {
  await api.stop();
  await rm(directory, { recursive: true });
});

/** The Secret as a pod with so many milliseconds left writes it; an attempt takes 100 ms at most. */
function secretOf(leftMs: number, pod = testPod(leftMs, skippingClock(1))): PasswordSecret {
  const { hostname, port } = new URL(api.url);
  const apiServer = { host: hostname, port, accountDirectory: directory, attemptMs: 100 };
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
    await secretOf(0).keep('shown-once');
    expect(written).toHaveLength(met.length + 1);
    expect(written.at(-1)).toContain(Buffer.from('shown-once').toString('base64'));
  });

  it('is given up within the 20 s that a pod has which is being ended', async () => {
    faults = Array.from<Fault>({ length: 1000 }).fill(500);
    const clock = skippingClock(0);
    const start = clock.monotonicMs();
    const error = await failureOf(secretOf(0, testPod(0, clock)).keep('shown-once'));
    faults = [];
    expect(clock.monotonicMs() - start).toBeLessThan(20_000);
    expect(error).toMatchObject({ code: 'password-secret', message: expect.stringContaining('it answers 500') });
    expect(error.message).not.toContain('shown-once');
  });

  it('and an API server that stays silent is named, with what was being done', async () => {
    faults = Array.from<Fault>({ length: 1000 }).fill('silent');
    const error = await failureOf(secretOf(0, testPod(0, skippingClock(0))).keep('shown-once'));
    faults = [];
    expect(error.code).toBe('password-secret');
    expect(error.message).toMatch(/^The Kubernetes API at .*: writing Secret password in namespace school failed: /);
  });
});
