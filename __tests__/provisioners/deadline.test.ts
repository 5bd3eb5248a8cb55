import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { acceptConnections, type Listening } from '../../sandbox/listening.ts';
import { parseLog } from '../../src/cluster/workflows/pod-report.ts';
import { podOf } from '../../src/provisioners/pod.ts';
import { FakeClock } from '../fake-clock.ts';
import { type RunningPod, startPod } from './pod.ts';
import { unique } from './test-pod.ts';

/** A server of any kind that accepts connections, and says nothing. */
let silent: Listening;
let onConnection: (() => void) | undefined;
let directory: string;

beforeAll(async () => {
  silent = await acceptConnections(() => onConnection?.());
  directory = await mkdtemp(path.join(tmpdir(), 'launchpad-report-'));
});
afterEach(() => {
  onConnection = undefined;
});
afterAll(async () => {
  await silent.stop();
  await rm(directory, { recursive: true });
});

/** Pods by what they reach first. */
const PODS = {
  mysql: () => ({
    MYSQL_PROVIDER: 'digitalocean',
    MYSQL_SSL_MODE: 'preferred',
    MYSQL_DATABASE: 'school',
    MYSQL_USERNAME: 'school',
    MYSQL_PASSWORD: 'instance-password',
    VENDOR_API_URL: `http://${silent.host}:${silent.port}`,
    DIGITALOCEAN_TOKEN: 'dop_v1_token',
    DIGITALOCEAN_CLUSTER_ID: '88055188-9e54-4f21-ab11-8a918ed79ee2',
  }),
  mongodb: () => ({
    MONGODB_PROVIDER: 'atlas',
    MONGODB_DATABASE: 'school',
    FORUM_MONGODB_DATABASE: 'school-forum',
    MONGODB_USERNAME: 'school',
    MONGODB_AUTH_SOURCE: 'admin',
    MONGODB_PASSWORD: 'instance-password',
    VENDOR_API_URL: `http://${silent.host}:${silent.port}`,
    ATLAS_PROJECT_ID: '32b6e34b3d91647abb20e7b8',
    ATLAS_CLUSTER_NAME: 'cluster-1',
    ATLAS_PUBLIC_KEY: 'public',
    ATLAS_PRIVATE_KEY: 'private',
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: '1',
    NAMESPACE: 'school',
    WORKFLOW_UID: 'workflow-1',
    MONGODB_PASSWORD_SECRET: 'password',
  }),
  storage: () => ({
    STORAGE_TYPE: 's3',
    STORAGE_BUCKET: 'school',
    STORAGE_REGION: 'us-east-1',
    STORAGE_ENDPOINT_URL: `http://${silent.host}:${silent.port}`,
    STORAGE_ACCESS_KEY_ID: 'key',
    STORAGE_SECRET_ACCESS_KEY: 'secret',
  }),
};

function start(kind: keyof typeof PODS, operation: string, seconds: number): RunningPod & { readonly file: string } {
  const file = path.join(directory, unique('termination-log'));
  // 5 s are kept back for Argo.
  const limit = { DEADLINE_SECONDS: String(5 + seconds), CREATED_AT_SECONDS: String(Date.now() / 1000) };
  return { ...startPod(kind, { ...PODS[kind](), ...limit, OPERATION: operation, REPORT_FILE: file }), file };
}

describe('a service that says nothing until the time of the pod is up', () => {
  it.concurrent.each([
    ['mysql', 'provision', 'digitalocean-timeout', "DigitalOcean's API at {}: reading the cluster"],
    ['mysql', 'deprovision', 'digitalocean-timeout', "DigitalOcean's API at {}: reading the cluster"],
    ['mongodb', 'provision', 'atlas-timeout', "Atlas's API at {}: reading cluster cluster-1"],
    ['storage', 'provision', 'storage-timeout', 'Storage at {}: making bucket school'],
    ['storage', 'deprovision', 'storage-timeout', 'Storage at {}: looking for bucket school'],
  ] as const)('is named, with the step (%s, %s)', async (kind, operation, expected, message) => {
    const { done, file } = start(kind, operation, 4);
    const { code, error, output } = await done;
    expect({ code, error }).toMatchObject({ code: 1, error: { code: expected, host: `127.0.0.1:${silent.port}` } });
    expect(error?.message.replace(/\d\.\d s/, '1 s')).toBe(
      `${message} took longer than 1 s, and the time of the run is up.`.replace('{}', `127.0.0.1:${silent.port}`),
    );
    expect(error?.hint).toMatch(/^[A-Z].*\. Then run again: what is done already is kept\.$/);
    expect(parseLog(await readFile(file, 'utf8')).error).toEqual(error);
    expect(output).not.toMatch(/instance-password|dop_v1|secret/);
  });
});

it('a pod that is ended says what was under way, and leaves that as its termination message', async () => {
  const pod = start('storage', 'provision', 60);
  onConnection = () => pod.kill('SIGTERM');
  const { code, output } = await pod.done;
  expect(code).toBe(143);
  const { lines, error } = parseLog(await readFile(pod.file, 'utf8'));
  expect(error).toBeUndefined();
  expect(lines).toEqual(parseLog(output).lines);
  expect(lines.at(-1)).toMatch(
    /^The pod is ended \(SIGTERM\); Storage at 127\.0\.0\.1:\d+: making bucket school has been under way for \d\.\d s\.$/,
  );
});

describe('the time that a pod has', () => {
  const clock = new FakeClock();
  clock.advance(1_800_000_000_000);
  const leftSeconds = (createdAt: number | undefined, deadline = 600) => {
    const created = createdAt === undefined ? {} : { CREATED_AT_SECONDS: String(clock.wallMs() / 1000 + createdAt) };
    const pod = podOf({ DEADLINE_SECONDS: String(deadline), ...created }, () => undefined, clock);
    return pod.remainingMs() / 1000;
  };

  it.each([
    ['counts from the creation of its workflow, less 5 s for the report', -100, 495],
    ['is nothing where Argo is about to end it', -598, 0],
    ['counts from now without a creation', undefined, 595],
    ['counts from now where the clock of its node is behind', 3600, 595],
    ['counts from now where the clock of its node is ahead', -7200, 595],
  ])('%s', (_, createdAt, left) => {
    expect(leftSeconds(createdAt)).toBe(left);
  });
});
