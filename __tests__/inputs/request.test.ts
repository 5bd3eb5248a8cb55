import path from 'node:path';
import { NO_CONVENTIONS } from '../../src/cluster/objects/conventions.ts';
import { githubOrigin } from '../../src/inputs/event/origin.ts';
import { linksOf } from '../../src/inputs/links.ts';
import { readRequest } from '../../src/inputs/request.ts';
import { PLAIN_NEW_INSTANCE } from '../../src/instance/new/options.ts';
import { given, messageThrownBy, REQUIRED } from '../action/given.ts';

const INPUTS = { ...REQUIRED, instance: 'riverside', kubeconfig: 'apiVersion: v1' };
const GITHUB = {
  GITHUB_EVENT_NAME: 'workflow_dispatch',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_REPOSITORY: 'example-org/riverside-cluster',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_RUN_ID: '4711',
  GITHUB_SERVER_URL: 'https://github.example.org',
  GITHUB_WORKSPACE: path.resolve('/runner/workspace'),
};
type Texts = Record<string, string>;

const request = (inputs: Texts = {}, variables: Texts = {}) => {
  const inputSource = given({ inputs: { ...INPUTS, ...inputs }, variables: { ...GITHUB, ...variables } });
  return readRequest(inputSource, githubOrigin(inputSource));
};

describe('a request', () => {
  it('is read from the inputs and what GitHub says of the run', () => {
    const { settings, run, ...rest } = request();
    expect(rest).toEqual({
      allowsPublicRepository: false,
      conventions: NO_CONVENTIONS,
      instances: ['riverside'],
      parallelism: 5,
      operation: 'provision',
      keeps: [],
      cluster: { source: { kind: 'content', text: 'apiVersion: v1' } },
      repository: {
        directory: GITHUB.GITHUB_WORKSPACE,
        mustBeRoot: true,
        remote: 'origin',
        branch: 'main',
        token: undefined,
        author: { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' },
        environment: GITHUB,
      },
      hosted: {
        serverUrl: 'https://github.example.org',
        host: 'github.example.org',
        owner: 'example-org',
        name: 'riverside-cluster',
      },
      tellsDeployments: false,
      pages: { argocdUrl: undefined, buildWorkflow: undefined },
      newInstance: PLAIN_NEW_INSTANCE,
      repositoryUrl: undefined,
      timeoutMs: 600_000,
      isDryRun: false,
      waitForSync: false,
    });
    expect(settings.mysql.host).toBe('mysql.example.org');
    expect(run.url).toBe('https://github.example.org/example-org/riverside-cluster/actions/runs/4711/attempts/2');
  });

  it('deprovisions an instance only with its name in confirm', () => {
    const down = { operation: 'deprovision' };
    expect(request({ ...down, confirm: 'riverside' }).operation).toBe('deprovision');
    expect(request({ ...down, confirm: '\n riverside, ' }).operation).toBe('deprovision');
    const missing = messageThrownBy(() => request(down));
    expect(missing).toContain('confirm is not set. Nothing was deleted.');
    expect(missing).toContain('set confirm: riverside');
    for (const confirm of ['riversides', 'riverside, lakeside', 'true', 'Riverside']) {
      expect(messageThrownBy(() => request({ ...down, confirm }))).toContain(
        `confirm ("${confirm}") does not match instance ("riverside"). Nothing was deleted.`,
      );
    }
    expect(request({ confirm: 'another' }).operation).toBe('provision');
    expect(messageThrownBy(() => request({ operation: 'remove' }))).toContain(
      'accepted is provision, configure, deprovision',
    );
  });

  it('configures only instances that it names, with keys to set', () => {
    const configure = { operation: 'configure', config: 'PLATFORM_NAME: School' };
    expect(request(configure).operation).toBe('configure');
    expect(request({ operation: 'configure', 'tutor-version': 'v21' }).operation).toBe('configure');
    for (const config of ['', '{}', '# nothing']) {
      expect(messageThrownBy(() => request({ ...configure, config }))).toContain(
        'config: missing (operation configure needs it). Keys of config.yml to set',
      );
    }
    expect(messageThrownBy(() => request({ ...configure, instance: 'a, b', config: 'LMS_HOST: a.b' }))).toContain(
      'Input config sets LMS_HOST for 2 instances',
    );
  });

  it.each([
    ['bucket', ['storage']],
    ['databases', ['mysql', 'mongodb']],
    [' Databases,\n bucket, bucket', ['mysql', 'mongodb', 'storage']],
    [',', []],
  ])('keeps what input keep names: %j', (keep, kinds) => {
    expect(request({ operation: 'deprovision', confirm: 'riverside', keep }).keeps).toEqual(kinds);
  });

  it('keeps nothing that it does not know', () => {
    expect(messageThrownBy(() => request({ keep: 'bucket, database' }))).toContain(
      'has "database", which cannot be kept: give bucket and databases, or one of them.',
    );
  });

  it('reports a wrong name once, even if it must be confirmed', () => {
    const message = messageThrownBy(() => request({ instance: 'No_Name', operation: 'deprovision', confirm: 'x' }));
    expect(message.match(/No_Name/g)).toHaveLength(1);
  });

  it('has a run of its own, by a name that is fit for a label', () => {
    const ids = [request().run.id, request().run.id];
    expect(ids[0]).toMatch(/^4711-2-[0-9a-f]{6}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('takes what the workflow says instead of the defaults', () => {
    const { repository, repositoryUrl, timeoutMs, isDryRun, waitForSync } = request({
      'repository-path': 'cluster/',
      'repository-url': 'https://github.com/example-org/riverside-cluster.git',
      'commit-author-name': 'Ada',
      'commit-author-email': 'ada@example.org',
      'github-token': 'ghs_token',
      timeout: '90s',
      'dry-run': 'true',
      'wait-for-sync': 'true',
    });
    expect(isDryRun).toBe(true);
    expect(repository).toMatchObject({
      directory: path.resolve('/runner/workspace/cluster'),
      token: 'ghs_token',
      author: { name: 'Ada', email: 'ada@example.org' },
    });
    expect(repositoryUrl).toBe('https://github.com/example-org/riverside-cluster.git');
    expect(timeoutMs).toBe(90_000);
    expect(waitForSync).toBe(true);
  });

  it('hands git the environment without inputs and settings', () => {
    const variables = { HOME: '/home/runner', LAUNCHPAD_MYSQL_ADMIN_PASSWORD: 'hunter2', 'INPUT_MYSQL-HOST': 'db' };
    expect(request({}, variables).repository.environment).toEqual({ ...GITHUB, HOME: '/home/runner' });
  });

  it('names all that is wrong in one error, settings, options of a new instance and other inputs alike', () => {
    const message = messageThrownBy(() =>
      request({
        instance: '',
        kubeconfig: '',
        'mysql-host': '',
        timeout: '600',
        'repository-url': 'https://bot:hunter2@github.com/org/repository',
        'commit-author-name': 'Ada <ada@example.org>',
        template: '../a',
        'platform-name': 'a "b"',
      }),
    );
    const wrong = ['instance', 'kubeconfig', 'mysql-host', 'timeout', 'repository-url', 'commit-author-name'];
    expect(message).toContain('Invalid settings (8):');
    for (const input of [...wrong, 'template', 'platform-name']) {
      expect(message).toMatch(new RegExp(`^- ${input}\\b.*: `, 'm'));
    }
    expect(message).not.toContain('hunter2');
  });
});

it('a name that no instance may have is one of the things that are wrong', () => {
  const message = messageThrownBy(() => request({ instance: 'kube-system', timeout: '600' }));
  expect(message).toContain('Invalid settings (2)');
  expect(message).toContain('- Input instance: "kube-system" is reserved.');
});

describe('several instances', () => {
  it.each([
    ['a, b,c', ['a', 'b', 'c']],
    [' a\n\tb\r\nc,\n', ['a', 'b', 'c']],
    ['b,a, b\na', ['b', 'a']],
    ['a,,b', ['a', 'b']],
  ])('are read from %j', (text, names) => {
    expect(request({ instance: text }).instances).toEqual(names);
  });

  it('with names that no instance may have are one error with every one of them', () => {
    const message = messageThrownBy(() => request({ instance: 'good, Bad\nkube-system, two words, good' }));
    expect(message).toContain('Invalid settings (3)');
    for (const name of ['"Bad"', '"kube-system"', '"two words"']) expect(message).toContain(`instance: ${name}`);
    expect(message).not.toContain('"good"');
    expect(messageThrownBy(() => request({ instance: ' ,\n,' }))).toContain('has no name in it');
  });

  it('are worked on so many at once as the workflow says', () => {
    expect(request({ parallelism: '50' }).parallelism).toBe(50);
    for (const wrong of ['0', '51', '2.5', 'many']) {
      expect(messageThrownBy(() => request({ parallelism: wrong }))).toContain('give a whole number from 1 to 50');
    }
  });

  it.each([
    ['K8S_NAMESPACE: a', 'K8S_NAMESPACE'],
    ['LMS_HOST: lms.example.org\nCMS_HOST: "studio.{{ LMS_HOST }}"', 'LMS_HOST, CMS_HOST'],
    ['OPENEDX_MYSQL_DATABASE: openedx', 'OPENEDX_MYSQL_DATABASE'],
    ['MONGODB_USERNAME: "{{ MONGODB_DATABASE }}"\nMONGODB_DATABASE: "{{ MONGODB_USERNAME }}"', 'MONGODB_USERNAME'],
    ['S3_STORAGE_BUCKET: files', 'S3_STORAGE_BUCKET'],
    ['MYSQL_PASSWORD: hunter2-hunter2', 'MYSQL_PASSWORD'],
  ])('may not all be given the same: %j', (config, keys) => {
    const message = messageThrownBy(() => request({ instance: 'a, b', config }));
    expect(message).toContain(`Input config sets ${keys}`);
    expect(message).not.toContain('hunter2');
    expect(request({ instance: 'a', config }).instances).toEqual(['a']);
  });

  it.each([
    'PLATFORM_NAME: School',
    'LMS_HOST: "{{ K8S_NAMESPACE }}.example.org"\nCMS_HOST: "studio.{{ LMS_HOST }}"',
    'CMS_HOST: "studio.{{LMS_HOST}}"',
    'MYSQL_HOST: mysql.example.org\nDOCKER_IMAGE_OPENEDX: ghcr.io/example-org/openedx',
  ])('may all be given %j', (config) => {
    expect(request({ instance: 'a, b', config, 'platform-name': 'School' }).instances).toEqual(['a', 'b']);
  });
});

describe('the pages that a summary links to', () => {
  it.each([
    ['https://argocd.example.org/', 'https://argocd.example.org'],
    ['http://10.0.0.7:8080/argo-cd', 'http://10.0.0.7:8080/argo-cd'],
  ])('of Argo CD are under %s', (given, url) => {
    expect(request({ 'argocd-url': given }).pages.argocdUrl).toBe(url);
  });

  it.each([
    ['build.yml', 'https://github.example.org/example-org/riverside-cluster/actions/workflows/build.yml'],
    ['.github/workflows/b.yaml', 'https://github.example.org/example-org/riverside-cluster/actions/workflows/b.yaml'],
    ['https://ci.example.org/build/1/', 'https://ci.example.org/build/1'],
  ])('of the build workflow %s are %s', (given, url) => {
    expect(linksOf(request({ 'build-workflow': given })).buildWorkflow).toBe(url);
  });

  it.each([
    ['argocd-url', 'argocd.example.org'],
    ['argocd-url', 'javascript:alert(1)'],
    ['argocd-url', 'https://admin:hunter2@argocd.example.org'],
    ['build-workflow', '../build.yml'],
    ['build-workflow', 'https://bot:hunter2@ci.example.org/'],
    ['build-workflow', 'http://ci.example.org/'],
  ])('cannot be told by %s %s', (input, value) => {
    const message = messageThrownBy(() => request({ [input]: value }));
    expect(message).toContain(`- ${input}: `);
    expect(message).not.toContain('hunter2');
  });
});

describe('the URL of the repository', () => {
  it.each([
    'git@github.com:org/repository.git',
    'ssh://git@github.example.org:2222/org/repository.git',
    'https://github.com/org/repository',
  ])('may be %s', (url) => {
    expect(request({ 'repository-url': url }).repositoryUrl).toBe(url);
  });

  it.each(['github.com/org/repository', 'org/repository', '/srv/git/repository.git', 'ftp://example.org/x'])(
    'is not %s',
    (url) => {
      expect(() => request({ 'repository-url': url })).toThrow('is not a URL of a git repository');
    },
  );
});

describe('the branch', () => {
  it.each(['workflow_dispatch', 'workflow_call', 'schedule'])('is that of the run on %s', (event) => {
    const variables = { GITHUB_EVENT_NAME: event, GITHUB_REF: 'refs/heads/clusters/production' };
    expect(request({}, variables).repository.branch).toBe('clusters/production');
  });

  it('is not a tag', () => {
    expect(() => request({}, { GITHUB_REF: 'refs/tags/v1' })).toThrow(
      expect.objectContaining({
        code: 'not-a-branch',
        message: expect.stringContaining('refs/tags/v1, which is a tag'),
      }),
    );
  });

  it('is unknown outside of a workflow', () => {
    expect(() => request({}, { GITHUB_REF: '' })).toThrow(expect.objectContaining({ code: 'not-in-workflow' }));
  });
});

describe('the way to the cluster', () => {
  const source = (inputs: Texts, variables: Texts = {}) => request(inputs, variables).cluster.source;
  const inCluster = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };

  it('is the input, else the files of KUBECONFIG, else the service account', () => {
    const variables = { ...inCluster, KUBECONFIG: '/a/config:/b/config' };
    expect(source({ kubeconfig: 'apiVersion: v1' }, variables)).toEqual({ kind: 'content', text: 'apiVersion: v1' });
    expect(source({ kubeconfig: '' }, variables)).toEqual({ kind: 'file', path: '/a/config:/b/config' });
    expect(source({ kubeconfig: '' }, inCluster)).toEqual({ kind: 'in-cluster' });
  });

  it('leads by the proxies of the environment, the lower-case variable first', () => {
    const variables = { HTTPS_PROXY: 'http://upper:3128', https_proxy: 'http://lower:3128', NO_PROXY: '.internal' };
    expect(request({}, variables).cluster.proxy).toEqual({ httpsProxy: 'http://lower:3128', noProxy: '.internal' });
  });
});
