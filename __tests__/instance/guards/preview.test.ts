import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import type { Settings } from '../../../src/core/settings.ts';
import { completeInstance } from '../../../src/instance/complete.ts';
import { checkInstance } from '../../../src/instance/guards/guards.ts';
import { type OtherInstance, readNeighbours } from '../../../src/instance/guards/neighbour-guards.ts';
import { type Preview, requireOwnPreview, strayRevision } from '../../../src/instance/guards/preview.ts';
import { defaultNames } from '../../../src/instance/name.ts';
import { Seed } from '../../../src/instance/new/seed.ts';
import { type InstanceFiles, instanceApplication, type PlanContext, planInstance } from '../../../src/instance/plan.ts';
import { bytes, configOf, NO_FILES, planContext, REPOSITORY, SETTINGS } from '../given.ts';

function check(
  text: string,
  {
    name = 'school',
    settings = SETTINGS,
    preview = { branch: 'add-school' },
    others = [],
  }: { name?: string; settings?: Settings; preview?: Preview; others?: OtherInstance[] } = {},
): void {
  const config = configOf(text, `instances/${name}/config.yml`);
  const { instance } = completeInstance({ name, config, settings, seed: Seed.random() });
  checkInstance({ instance, config, settings, others: readNeighbours(others), preview });
}

describe('what a pull request adds', () => {
  it.each(['a', 'school', 'x'.repeat(40), `${'a-'.repeat(19)}bc`])('has its default names: %s', (name) => {
    expect(() => check('', { name })).not.toThrow();
  });

  const FORMER = `MYSQL_DATABASE: launchpad-school
MYSQL_USERNAME: launchpad-school-web
MONGODB_DATABASE: launchpad-school-main
FORUM_MONGODB_DATABASE: launchpad-school-talk
MONGODB_USERNAME: launchpad-school
STORAGE_BUCKET_NAME: launchpad-school-files
`;

  it('may have no other names, and the error names all of them', () => {
    expect(() => check(FORMER)).toThrow(
      expect.objectContaining({
        code: 'config-refused',
        message: expect.stringMatching(
          /MySQL database launchpad-school is not launchpad-school-openedx, as it must be in a pull request\n.*MySQL user launchpad-school-web is not.*\n.*launchpad-school-main.*\n.*talk.*\n.*bucket launchpad-school-files is not.*launchpad-school-<7 hex digits>/,
        ),
        remedy: expect.stringContaining('Remove these keys'),
      }),
    );
  });

  it('may have names of before when it is deprovisioned, and still none of others', () => {
    const preview = { branch: 'add-school', isEnding: true };
    expect(() => check(FORMER, { preview })).not.toThrow();
    expect(() => check('MYSQL_DATABASE: payroll\n', { preview })).toThrow(/MySQL database payroll/);
    const others = [{ name: 'school-web', bytes: undefined, isInCluster: true }];
    expect(() => check(FORMER, { preview, others })).toThrow(
      /the MySQL user launchpad-school-web belongs to instance school-web/,
    );
  });

  const kinds = (name: string, suffix: string) => {
    const { bucket, ...names } = defaultNames(name);
    return { ...names, bucket: bucket(suffix) };
  };
  const NAME = fc
    .tuple(
      fc.constantFrom('a', 'a-b', 'school', '1', 'x'.repeat(15), 'abcdefghijklmno-b1946a'),
      fc.stringMatching(/^(-?[a-z0-9]){0,24}$/),
    )
    .map(([start, end]) => (start + end).slice(0, 63).replace(/-+$/, ''));

  it('never has a name of another instance, whatever the two are called', () => {
    fc.assert(
      fc.property(NAME, NAME, fc.stringMatching(/^[0-9a-f]{7}$/), (one, other, suffix) => {
        fc.pre(one !== other);
        const [mine, theirs] = [kinds(one, suffix), kinds(other, suffix)];
        expect(mine.mysqlUser).not.toBe(theirs.mysqlUser);
        expect(mine.mongodbUser).not.toBe(theirs.mongodbUser);
        expect(mine.mysqlDatabase).not.toBe(theirs.mysqlDatabase);
        expect(mine.bucket).not.toBe(theirs.bucket);
        const databases = [mine.mongodbDatabase, mine.forumDatabase, theirs.mongodbDatabase, theirs.forumDatabase];
        expect(new Set(databases).size).toBe(4);
        for (const [key, name] of [
          ['MYSQL_DATABASE', theirs.mysqlDatabase],
          ['MYSQL_USERNAME', theirs.mysqlUser],
          ['MONGODB_DATABASE', theirs.mongodbDatabase],
          ['FORUM_MONGODB_DATABASE', theirs.forumDatabase],
          ['MONGODB_USERNAME', theirs.mongodbUser],
          ['STORAGE_BUCKET_NAME', theirs.bucket],
        ]) {
          expect(() => check(`${key}: "${name}"\n`, { name: one })).toThrow(/as it must be in a pull request/);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('cannot have a name that another was cut to: no name of an instance gives it', () => {
    const long = 'abcdefghijklmno-and-some-more';
    const cut = defaultNames(long).mysqlUser;
    expect(cut).toMatch(/^launchpad--/);
    expect(() => check(`MYSQL_USERNAME: ${cut}\n`, { name: 'abcdefghijklmno' })).toThrow(/MySQL user/);
  });

  it('cannot send the keys of the storage to an endpoint that no setting names', () => {
    const aws: Settings = { ...SETTINGS, storage: { ...SETTINGS.storage, endpointUrl: undefined } };
    expect(() => check('STORAGE_ENDPOINT_URL: https://evil.example.com\n', { settings: aws })).toThrow(
      /the access keys are for AWS/,
    );
  });
});

const PREVIEW = { branch: 'add-school' };

async function context(preview?: Preview): Promise<PlanContext> {
  const application = await readFile('templates/instance/application.yml', 'utf8');
  const config = await readFile('templates/instance/config.yml', 'utf8');
  return planContext({ config, application }, { preview });
}

describe('the Application of what a pull request adds', () => {
  it('follows its branch, and its file the branch that it is merged into', async () => {
    const plan = planInstance(NO_FILES, Seed.random(), await context(PREVIEW));
    expect(Buffer.from(plan.application).toString()).toMatch(/targetRevision: "?main"?$/m);
    const applied = instanceApplication(plan.application, await context(PREVIEW));
    expect(applied.spec.source).toMatchObject({
      repoURL: REPOSITORY,
      path: 'instances/school/env',
      targetRevision: 'add-school',
    });
    // After the merge the same file is applied as it is.
    const later = instanceApplication(plan.application, await context());
    expect(later.spec.source).toMatchObject({ targetRevision: 'main' });
    expect({ ...applied, spec: { ...applied.spec, source: later.spec.source } }).toEqual(later);
  });

  it('has a warning where its file names the branch that is deleted after the merge', async () => {
    const made = instanceApplication(
      planInstance(NO_FILES, Seed.random(), await context()).application,
      await context(),
    );
    const target = { branch: 'main', repositoryUrl: REPOSITORY };
    const warning = (spec: object) => strayRevision({ ...made, spec: { ...made.spec, ...spec } }, PREVIEW, target);
    const source = (targetRevision: unknown) => ({ repoURL: REPOSITORY, targetRevision });
    const other = { repoURL: 'https://charts.example.org', targetRevision: 'add-school' };
    expect(warning({ source: source('add-school') })).toMatch(
      /spec\.source\.targetRevision.*Set it to main; the preview follows add-school/,
    );
    expect(warning({ sources: [other, source('main'), source('add-school')] })).toMatch(
      /spec\.sources\[2\]\.targetRevision/,
    );
    for (const revision of ['main', 'HEAD', 'v1', undefined]) {
      expect(warning({ source: source(revision) })).toBeUndefined();
      expect(warning({ source: source('add-school'), sources: [other, source(revision)] })).toBeUndefined();
    }
  });

  it('is not one that is there for another branch or repository', () => {
    const there = (repoURL: string, targetRevision?: string) => () =>
      requireOwnPreview('school', { source: { repoURL, targetRevision } }, PREVIEW, REPOSITORY);
    expect(there('https://github.com/example-org/cluster', 'add-school')).not.toThrow();
    const sources = [{ repoURL: 'https://charts.example.org' }, { repoURL: REPOSITORY, targetRevision: 'add-school' }];
    expect(() => requireOwnPreview('school', { sources }, PREVIEW, REPOSITORY)).not.toThrow();
    for (const other of [
      there(REPOSITORY, 'main'),
      there(REPOSITORY),
      there('git@github.com:org/b.git', 'add-school'),
    ]) {
      expect(other).toThrow(
        expect.objectContaining({ code: 'sandbox-taken', remedy: expect.stringContaining('another name') }),
      );
    }
  });
});

describe('application.yml of a pull request', () => {
  const base = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: school-production
  namespace: argocd
  finalizers: [resources-finalizer.argocd.argoproj.io]
spec:
  project: default
  source: { repoURL: "${REPOSITORY}", path: instances/school/env, targetRevision: main }
  destination: { server: "https://kubernetes.default.svc", namespace: school }
  syncPolicy: { automated: { prune: true, selfHeal: true } }
`;
  const refuse = async (file: string, changes: Partial<PlanContext> = {}, files: Partial<InstanceFiles> = {}) =>
    planInstance({ ...NO_FILES, ...files, application: bytes(file) }, Seed.random(), {
      ...(await context(PREVIEW)),
      ...changes,
    });

  it('may have what the action writes, and a sync policy', async () => {
    await expect(refuse(base)).resolves.toBeDefined();
  });

  it.each([
    ['operation', `${base}operation: { sync: {} }\n`],
    ['spec.project', base.replace('project: default', 'project: admins')],
    ['spec.sourceHydrator', `${base}  sourceHydrator: {}\n`],
    ['spec.source.chart', base.replace('targetRevision: main', 'targetRevision: main, chart: x')],
    ['spec.source.helm', base.replace('targetRevision: main', 'targetRevision: main, helm: {values: x}')],
    ['spec.source.kustomize', base.replace('targetRevision: main', 'targetRevision: main, kustomize: {images: []}')],
    ['spec.source.plugin', base.replace('targetRevision: main', 'targetRevision: main, plugin: {name: x}')],
    ['spec.source.directory', base.replace('targetRevision: main', 'targetRevision: main, directory: {recurse: true}')],
    ['spec.destination.name', base.replace('server: "https://kubernetes.default.svc"', 'name: in-cluster')],
    ['metadata.annotations', base.replace('  namespace: argocd', '  namespace: argocd\n  annotations: {a: b}')],
    ['metadata.ownerReferences', base.replace('  namespace: argocd', '  namespace: argocd\n  ownerReferences: []')],
    ['metadata.finalizers', base.replace('[resources-finalizer.argocd.argoproj.io]', '[example.org/never]')],
    ['spec.ignoreDifferences', `${base}  ignoreDifferences: []\n`],
    ['spec.sources', `${base}  sources: [{ repoURL: "${REPOSITORY}", path: instances/school/env }]\n`],
    ['status', `${base}status: {}\n`],
    ['is not YAML', `${base}---\na: b\n`],
  ])('may not have %s', async (field, file) => {
    await expect(refuse(file)).rejects.toThrow(field);
  });

  it("may have what the base's own template writes", async () => {
    const template = {
      name: 'base',
      version: undefined,
      files: new Map([['application.yml', bytes(`${base}  revisionHistoryLimit: 3\n`)]]),
    };
    const file = `${base}  revisionHistoryLimit: 3\n`;
    const files: Partial<InstanceFiles> = { config: bytes('A: b\n'), templateSource: { kind: 'template', template } };
    await expect(refuse(file, {}, files)).resolves.toBeDefined();
    await expect(refuse(file.replace('3\n', '4\n'), {}, files)).rejects.toThrow('spec.revisionHistoryLimit');
  });

  it('is put into the AppProject of previews', async () => {
    const fenced = await context({ ...PREVIEW, project: 'previews' });
    expect(instanceApplication(bytes(base), fenced).spec.project).toBe('previews');
  });
});
