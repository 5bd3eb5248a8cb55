import path from 'node:path';
import { load } from 'js-yaml';
import { isFields } from '../../../src/core/fields.ts';
import { filesToWrite, keysToSet } from '../../../src/instance/changes.ts';
import { parseOperatorKeys } from '../../../src/instance/config/operator-keys.ts';
import { type NewInstanceOptions, PLAIN_NEW_INSTANCE, type TemplateSource } from '../../../src/instance/new/options.ts';
import { type InstanceFiles, planInstance } from '../../../src/instance/plan.ts';
import { bytes, NO_FILES as none, planContext, SETTINGS, fixedSeed as seed, text } from '../given.ts';
import { FIXTURE, readTemplate, templateOf } from '../templates/given.ts';

const APPLICATION =
  'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: "{{ instance_name }}-{{ environment }}"\n  namespace: argocd\nspec:\n  source: { repoURL: "{{ repository_url }}", path: "{{ instances_directory }}/{{ instance_name }}/env", targetRevision: "{{ target_revision }}" }\n  destination: { server: https://kubernetes.default.svc, namespace: "{{ instance_name }}" }\n';

/** As settings are read: whatever a template may ask for. */
const settings = {
  ...SETTINGS,
  templateEnvironment: new Map([
    ['LAUNCHPAD_CLUSTER_DOMAIN', 'example.org'],
    ['LAUNCHPAD_ENVIRONMENT', 'production'],
    ['LAUNCHPAD_MYSQL_HOST', 'mysql.example.org'],
    ['LAUNCHPAD_MONGODB_HOST', 'mongodb.example.org'],
    ['LAUNCHPAD_STORAGE_TYPE', 's3'],
    ['LAUNCHPAD_STORAGE_REGION', 'us-east-1'],
  ]),
};

const newInstance = (config = '', values: Partial<NewInstanceOptions['values']> = {}): NewInstanceOptions => ({
  ...PLAIN_NEW_INSTANCE,
  values: { ...PLAIN_NEW_INSTANCE.values, ...values },
  config: parseOperatorKeys(config),
});

const templates = {
  config: '# new\nLMS_HOST: "{{ instance_name }}.{{ cluster_domain }}"\nLIST:\n  - a\n\n# last\nLAST: 1\n',
  application: APPLICATION,
};
const hosted = { owner: 'example-org', name: 'cluster' };
const context = (wanted: NewInstanceOptions = PLAIN_NEW_INSTANCE) =>
  planContext(templates, { settings, hosted, newInstance: wanted });

const templated = (template: Extract<TemplateSource, { kind: 'template' }>['template']): InstanceFiles => ({
  ...none,
  templateSource: { kind: 'template', template },
});

/** The keys of a plan's config.yml. */
function keysOf(content: Uint8Array) {
  const keys = load(text(content));
  return isFields(keys) ? keys : {};
}

describe('a new instance', () => {
  it('is made from a cookiecutter template, whatever files it has', async () => {
    const values = { platformName: 'My School', tutorVersion: 'v21.0.0' };
    const plan = planInstance(templated(await readTemplate(FIXTURE)), seed(), context(newInstance('', values)));
    expect(keysOf(plan.config.bytes)).toMatchObject({
      K8S_NAMESPACE: 'school',
      PLATFORM_NAME: 'My School',
      EDX_PLATFORM_VERSION: 'release/example',
      TUTOR_VERSION: 'v21.0.0',
      DOCKER_IMAGE_OPENEDX: 'registry.example.com/example-org/cluster:school-openedx',
      MYSQL_PASSWORD: seed().password('template:1'),
      MONGODB_PASSWORD: seed().password('template:2'),
      STORAGE_BUCKET_NAME: `launchpad-school-${seed().password('template:3').slice(0, 7)}`,
    });
    expect(load(text(plan.application))).toMatchObject({
      spec: { source: { repoURL: 'git@github.com:example-org/cluster.git', targetRevision: 'main' } },
    });
    expect([...plan.otherFiles.keys()].sort()).toEqual([
      'README',
      'build.sh',
      'small/school.ini',
      'verbatim/notes.txt',
    ]);
  });

  it('is made from a plain template, and its Application from the action’s own where it has none', () => {
    const template = templateOf({
      'config.yml': 'LMS_HOST: "{{ instance_name }}.x"\nMORE: "{{ env("LAUNCHPAD_UNSET") }}"\n',
    });
    const plan = planInstance(templated(template), seed(), context());
    expect(text(plan.config.bytes)).toBe('LMS_HOST: "school.x"\nMORE: ""\n');
    expect(load(text(plan.application))).toMatchObject({ metadata: { name: 'school-production' } });
  });

  it('is made from the action’s own template with what it is asked to be', async () => {
    const own = await readTemplate(path.join(import.meta.dirname, '..', '..', '..', 'templates', 'instance'));
    const asked = { platformName: 'My School', edxPlatformVersion: 'release/teak.3', tutorVersion: 'v20' };
    const lines = (values: typeof asked | object) =>
      text(planInstance(templated(own), seed(), context(newInstance('', values))).config.bytes).split('\n');
    const plain = lines({});
    expect(lines(asked).filter((line) => !plain.includes(line))).toEqual([
      'TUTOR_VERSION: v20',
      'PLATFORM_NAME: "My School"',
      'EDX_PLATFORM_VERSION: "release/teak.3"',
    ]);
    expect(plain).toContain('PLATFORM_NAME: "school"');
    expect(plain.join('\n')).not.toMatch(/EDX_PLATFORM/);
  });

  it('is not made from a directory without a template', () => {
    expect(() => planInstance(templated(templateOf({ 'README.md': '' })), seed(), context())).toThrow(
      'has neither a cookiecutter.json nor a config.yml',
    );
    const empty = templateOf({ 'cookiecutter.json': '{"instance_name": ""}', '{{cookiecutter.instance_name}}/x': '' });
    expect(() => planInstance(templated(empty), seed(), context())).toThrow('does not create a config.yml');
  });

  it('needs the domain of its hosts, whichever template makes it', async () => {
    const without = { ...settings, clusterDomain: undefined };
    const files = templated(await readTemplate(FIXTURE));
    expect(() => planInstance(files, seed(), { ...context(), settings: without })).toThrow('input cluster-domain');
    const given = { ...files, config: bytes('LMS_HOST: "a"\n') };
    expect(() => planInstance(given, seed(), { ...context(), settings: without })).not.toThrow();
  });

  it('takes what input config has in place of what the template has, and keeps the rest', () => {
    const config =
      'LMS_HOST: "own.example.org"\nLIST: [b, {c: 1}]\nCMS_HOST: "studio.{{ LMS_HOST }}"\nNUMBER: 3\nFLAG: true\nNOTHING: null\n';
    const plan = planInstance(none, seed(), context(newInstance(config)));
    expect(text(plan.config.bytes)).toBe(
      '# new\nLMS_HOST: "own.example.org"\nLIST: ["b",{"c":1}]\n\n# last\nLAST: 1\n' +
        'CMS_HOST: "studio.{{ LMS_HOST }}"\nNUMBER: 3\nFLAG: true\nNOTHING: null\n',
    );
    expect(plan.instance.storage.corsOrigins).toContain('https://studio.own.example.org');
  });

  it('may not gain by input config what config.yml may not have', () => {
    for (const config of ['MYSQL_HOST: evil.example.org', 'MYSQL_DATABASE: mysql', 'K8S_NAMESPACE: other']) {
      expect(() => planInstance(none, seed(), context(newInstance(config)))).toThrow(
        expect.objectContaining({ code: 'config-refused' }),
      );
    }
  });
});

describe('a config.yml that is there', () => {
  const files = { ...none, config: bytes('LMS_HOST: "a"\nMYSQL_PASSWORD: "long-enough"\nLIST: [1]\n') };
  const found = { mongodbPassword: 'mongodb-password', mysql: undefined, mongodb: undefined };

  it('gets the keys of input config that it lacks, and is completed with them', () => {
    const wanted = context(newInstance('MYSQL_DATABASE: own\nSMTP: {host: a}\nLIST: [1]\n'));
    const plan = planInstance(files, seed(), wanted);
    expect(plan.instance.mysql.database).toBe('own');
    expect(keysToSet(plan, found)).toEqual(expect.arrayContaining(['MYSQL_DATABASE', 'SMTP', 'MYSQL_USERNAME']));
    expect(keysToSet(plan, found)).not.toContain('LIST');
    const written = filesToWrite(plan, files, found, wanted).config;
    expect(
      text(written).startsWith(
        'LMS_HOST: "a"\nMYSQL_PASSWORD: "long-enough"\nLIST: [1]\nMYSQL_DATABASE: "own"\nSMTP: {"host":"a"}\n',
      ),
    ).toBe(true);
    const again = { ...files, config: written };
    expect(text(filesToWrite(plan, again, found, wanted).config)).toBe(text(written));
    expect(text(filesToWrite(planInstance(again, seed(), wanted), again, found, wanted).config)).toBe(text(written));
  });

  it('is left as it is, with an error that names the key, where it has another value', () => {
    expect(() => planInstance(files, seed(), context(newInstance('LIST: [2]\nLMS_HOST: b\nNEW: 1')))).toThrow(
      'instances/school/config.yml has other values than input config: LIST, LMS_HOST.',
    );
    const wanted = context(newInstance('NEW: 1'));
    const newest = { ...files, config: bytes('LMS_HOST: "a"\nMYSQL_PASSWORD: "long-enough"\nNEW: 2\n') };
    expect(() => filesToWrite(planInstance(files, seed(), wanted), newest, found, wanted)).toThrow('input config: NEW');
  });

  it('keeps its own platform, and says so', () => {
    const plan = planInstance(files, seed(), context(newInstance('', { platformName: 'Other' })));
    expect(plan.notes).toEqual(['config.yml exists and keeps its own: PLATFORM_NAME']);
    expect([...plan.wanted.keys(), ...plan.additions.keys()]).not.toContain('PLATFORM_NAME');
  });

  it('takes nothing from the seed where only the Application is made', async () => {
    const complete = planInstance(none, seed(), context());
    const config = filesToWrite(complete, none, found, context()).config;
    const used = seed();
    planInstance({ ...templated(await readTemplate(FIXTURE)), config }, used, context());
    expect(used.used).toBe(false);
  });
});

describe('input config', () => {
  it('may be JSON, as the workflow Update Instance takes it', () => {
    const json = ' {"PLATFORM_NAME": "My School", "SMTP": {"port": 25, "tls": true}, "LIST": [null, "a"]}\n';
    expect(Object.fromEntries(parseOperatorKeys(json))).toEqual(JSON.parse(json));
    const broken = () => parseOperatorKeys('{"MYSQL_PASSWORD": "hunter2"');
    expect(broken).toThrow('Input config begins with "{" and is not a JSON object.');
    expect(broken).not.toThrow('hunter2');
    expect(() => parseOperatorKeys('{"MY KEY": 1}')).toThrow('keys that are not valid in config.yml: MY KEY');
  });

  it.each([
    ['- a', 'must be a mapping'],
    ['A: yes', 'A is one value in YAML 1.1, which Tutor reads, and another in YAML 1.2: quote it'],
    ['A: [0123]', 'A is one value in YAML 1.1'],
    ['A: 2026-01-01', 'A is one value in YAML 1.1'],
    ['A: {', 'Input config:1'],
    ['A: 1\nA: 2', 'Input config:2'],
    ['"a b": 1', 'keys that are not valid in config.yml: a b'],
    ['PASSWORD: 0777', /^[^7]*$/],
  ])('is refused: %j', (config, message) => {
    expect(() => parseOperatorKeys(config)).toThrow(
      expect.objectContaining({
        code: 'config-invalid',
        message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
      }),
    );
  });
});
