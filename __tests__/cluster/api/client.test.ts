import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Cluster } from '../../../src/cluster/api/client.ts';
import type { ClusterAccess } from '../../../src/cluster/api/kubeconfig.ts';
import { type ApiServer, sendJson, startApiServer } from '../api-server.ts';

const SECRET = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' } };
let answers: { status: number; body: unknown; headers?: Record<string, string> }[] = [];
let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer((_, response) => {
    const next = answers.shift();
    sendJson(
      response,
      next?.status ?? 200,
      next?.body ?? { kind: 'Secret', metadata: { name: 's', resourceVersion: '1' } },
      next?.headers,
    );
  });
});
afterAll(async () => {
  await api.stop();
});
beforeEach(() => {
  answers = [];
  api.requests.length = 0;
});

const content = (text: string): ClusterAccess => ({ source: { kind: 'content', text } });
const connected = async (access: ClusterAccess = content(api.kubeconfig), events = {}) =>
  await Cluster.connect(access, events);
const changed = (change: (config: ReturnType<typeof parsed>) => void) => {
  const config = parsed();
  change(config);
  return JSON.stringify(config);
};
function parsed(): {
  clusters: { name: string; cluster: Record<string, string> }[];
  users: { name: string; user: Record<string, unknown> }[];
  contexts: unknown[];
  'current-context'?: string;
} {
  return JSON.parse(api.kubeconfig);
}

describe('a kubeconfig', () => {
  it('may be YAML, base64 of it, a file, or several files', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-kubeconfig-'));
    const file = path.join(directory, 'config');
    await writeFile(file, api.kubeconfig);
    const other = path.join(directory, 'other');
    await writeFile(other, 'apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\n');
    const sources: ClusterAccess[] = [
      content(api.kubeconfig),
      content(Buffer.from(api.kubeconfig).toString('base64')),
      { source: { kind: 'file', path: file } },
      { source: { kind: 'file', path: `${file}${path.delimiter}${other}` } },
    ];
    for (const source of sources) {
      const cluster = await connected(source);
      expect((await cluster.read(SECRET))?.metadata?.name).toBe('s');
      await cluster.close();
    }
    expect(api.requests.every(({ authorization }) => authorization === 'Bearer the-token')).toBe(true);
  });

  it.each([
    ['no YAML', 'a: [token: hidden-token', 'is not the YAML of a kubeconfig'],
    ['no context', () => changed((config) => delete config['current-context']), 'names no current-context'],
    [
      'another context',
      () => changed((config) => Object.assign(config, { 'current-context': 'gone' })),
      'has no context gone',
    ],
    ['no cluster', () => changed((config) => Object.assign(config, { clusters: [] })), 'has no cluster sandbox'],
    ['no user', () => changed((config) => Object.assign(config, { users: [] })), 'has no user sandbox'],
    [
      'no server',
      () => changed((config) => Object.assign(config.clusters[0]?.cluster ?? {}, { server: 'nonsense' })),
      'no valid server',
    ],
  ])('with %s is refused, and not shown', async (_, text, message) => {
    const error = await connected(content(typeof text === 'string' ? text : text())).catch(String);
    expect(error).toContain(message);
    expect(error).not.toContain('hidden-token');
  });

  it('that does not exist is named', async () => {
    await expect(connected({ source: { kind: 'file', path: '/nowhere/config' } })).rejects.toThrow(
      '/nowhere/config does not exist',
    );
  });

  it('may have an exec plugin', async () => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plugin' },
    };
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', `process.stdout.write(${JSON.stringify(JSON.stringify(credential))})`],
      interactiveMode: 'Never',
    };
    const cluster = await connected(
      content(changed((config) => Object.assign(config.users[0] ?? {}, { user: { exec } }))),
    );
    await cluster.read(SECRET);
    expect(api.requests[0]?.authorization).toBe('Bearer from-plugin');
    await cluster.close();
  });
});

describe('connections', () => {
  it('are kept: ten requests one after another need one or two', async () => {
    const before = api.connections();
    const cluster = await connected();
    for (let request = 0; request < 10; request += 1) await cluster.read(SECRET);
    expect(api.connections() - before).toBeLessThanOrEqual(2);
    await cluster.close();
  });

  it('to a server of another authority are refused with the reason, and not tried for a minute', async () => {
    const other = await startApiServer((_, response) => sendJson(response, 200, {}));
    const text = changed((config) => Object.assign(config.clusters[0]?.cluster ?? {}, { server: other.url }));
    const cluster = await connected(content(text));
    await expect(cluster.read(SECRET)).rejects.toMatchObject({
      code: 'cluster-unreachable',
      remedy: expect.stringContaining('certificate authority'),
    });
    await cluster.close();
    await other.stop();
  });
});

describe('an answer', () => {
  it.each([
    [401, 'does not accept the token of user sandbox in the kubeconfig of input kubeconfig'],
    [403, 'Grant it to that user'],
  ])('%i is an error that says what to do, at once', async (status, remedy) => {
    answers = [{ status, body: { kind: 'Status', reason: 'x', message: 'secrets is forbidden' } }];
    const cluster = await connected();
    await expect(cluster.read(SECRET)).rejects.toMatchObject({
      status,
      message: expect.stringContaining('secrets is forbidden'),
      remedy: expect.stringContaining(remedy),
    });
    expect(api.requests).toHaveLength(1);
    await cluster.close();
  });

  it('403 of a quota is no lack of permission, and says whose quota it is', async () => {
    const message = 'secrets "x" is forbidden: exceeded quota: tight, requested: secrets=1, used: secrets=9';
    answers = [{ status: 403, body: { kind: 'Status', reason: 'Forbidden', message } }];
    const cluster = await connected();
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x', namespace: 'school' } };
    await expect(cluster.create(secret)).rejects.toMatchObject({
      status: 403,
      remedy: expect.stringContaining('kubectl describe quota -n school'),
    });
    await cluster.close();
  });

  it.each([
    [400, 'admission webhook "validate.kyverno.svc-fail" denied the request: resource Secret/school/x was blocked'],
    [
      403,
      'admission webhook "validation.gatekeeper.sh" denied the request: [labels] you must provide labels: {"team"}',
    ],
    [422, "configmaps \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no team"],
    [500, 'admission webhook "validate.kyverno.svc-fail" denied the request: resource ConfigMap/school/x was blocked'],
  ])('%i of a policy names it, and the inputs that set labels, and is not asked again', async (status, message) => {
    answers = [{ status, body: { kind: 'Status', message } }];
    const cluster = await connected();
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'school' } };
    await expect(cluster.create(object)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      remedy: expect.stringContaining('namespace-labels'),
    });
    expect(api.requests).toHaveLength(1);
    await cluster.close();
  });

  it('404 is no object', async () => {
    answers = [{ status: 404, body: {} }];
    const cluster = await connected();
    expect(await cluster.read(SECRET)).toBeUndefined();
    await cluster.close();
  });

  it('about an invalid Secret is not repeated, as it may quote it', async () => {
    answers = [{ status: 422, body: { kind: 'Status', reason: 'Invalid', message: 'Invalid value: "hidden"' } }];
    const cluster = await connected();
    const error = await cluster.create({ ...SECRET, data: {} }).catch(String);
    expect(error).toContain('the Secret is not valid');
    expect(error).not.toContain('hidden');
    await cluster.close();
  });

  it('about a Secret that a policy refuses names the policy, and not what it says', async () => {
    const message =
      "Secret \"x\" is invalid: : ValidatingAdmissionPolicy 'no-weak' with binding 'all' denied request: hidden is weak";
    answers = [{ status: 422, body: { kind: 'Status', reason: 'Invalid', message } }];
    const cluster = await connected();
    const error = await cluster.create({ ...SECRET, data: {} }).catch(String);
    expect(error).toContain("422 ValidatingAdmissionPolicy 'no-weak' with binding 'all' denied request");
    expect(error).not.toContain('hidden');
    await cluster.close();
  });

  it('in pages is read to its end', async () => {
    answers = [
      {
        status: 200,
        body: {
          kind: 'SecretList',
          metadata: { continue: 'more', resourceVersion: '5' },
          items: [{ metadata: { name: 'a' } }],
        },
      },
      {
        status: 200,
        body: { kind: 'SecretList', metadata: { resourceVersion: '5' }, items: [{ metadata: { name: 'b' } }] },
      },
    ];
    const cluster = await connected();
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Secret', namespace: 'n' });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(['a', 'b']);
    expect(api.requests[1]?.url).toContain('continue=more');
    await cluster.close();
  });
});
