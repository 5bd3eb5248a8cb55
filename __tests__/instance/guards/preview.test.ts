import { readFile } from 'node:fs/promises';
import type { Settings } from '../../../src/core/settings.ts';
import { completeInstance } from '../../../src/instance/complete.ts';
import { checkInstance } from '../../../src/instance/guards/guards.ts';
import type { OtherInstance } from '../../../src/instance/guards/neighbour-guards.ts';
import { requireOwnPreview, strayRevision } from '../../../src/instance/guards/preview.ts';
import { Seed } from '../../../src/instance/new/seed.ts';
import { instanceApplication, type PlanContext, planInstance } from '../../../src/instance/plan.ts';
import { configOf, NO_FILES, planContext, REPOSITORY, SETTINGS } from '../given.ts';

function check(
  text: string,
  { name = 'school', settings = SETTINGS }: { name?: string; settings?: Settings } = {},
): void {
  const config = configOf(text, `instances/${name}/config.yml`);
  const { instance } = completeInstance({ name, config, settings, seed: Seed.random() });
  const others: OtherInstance[] = [];
  checkInstance({ instance, config, settings, others, preview: { branch: 'add-school' } });
}

describe('what a pull request adds', () => {
  it.each(['a', 'school', 'x'.repeat(40), `${'a-'.repeat(19)}bc`])('has its default names: %s', (name) => {
    expect(() => check('', { name })).not.toThrow();
  });

  it('may have names that begin with its own', () => {
    const text = `MYSQL_DATABASE: launchpad-school
MYSQL_USERNAME: launchpad-school-web
MONGODB_DATABASE: launchpad-school-main
FORUM_MONGODB_DATABASE: launchpad-school-talk
MONGODB_USERNAME: launchpad-school
STORAGE_BUCKET_NAME: launchpad-school-files
`;
    expect(() => check(text)).not.toThrow();
  });

  it('may have no others, and the error names all of them', () => {
    const text = `MYSQL_DATABASE: payroll
MYSQL_USERNAME: launchpad-schoolmaster
MONGODB_DATABASE: launchpad-other-openedx
FORUM_MONGODB_DATABASE: talk
MONGODB_USERNAME: LAUNCHPAD-SCHOOL
STORAGE_BUCKET_NAME: school
`;
    expect(() => check(text)).toThrow(
      expect.objectContaining({
        code: 'config-refused',
        message: expect.stringMatching(
          /MySQL database payroll .*\n.*MySQL user launchpad-schoolmaster .*\n.*launchpad-other-openedx .*\n.*talk .*\n.*LAUNCHPAD-SCHOOL .*\n.*bucket school /,
        ),
        remedy: expect.stringContaining('launchpad-school-'),
      }),
    );
  });

  it('cannot send the keys of the storage to an endpoint that no setting names', () => {
    const aws: Settings = { ...SETTINGS, storage: { ...SETTINGS.storage, endpointUrl: undefined } };
    expect(() => check('STORAGE_ENDPOINT_URL: https://evil.example.com\n', { settings: aws })).toThrow(
      /the access keys are for AWS/,
    );
  });
});

const PREVIEW = { branch: 'add-school' };

async function context(preview?: typeof PREVIEW): Promise<PlanContext> {
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
    const naming = (targetRevision: unknown) => ({ ...made, spec: { ...made.spec, source: { targetRevision } } });
    expect(strayRevision(naming('add-school'), PREVIEW, 'main')).toMatch(
      /Set it to main; the preview follows add-school/,
    );
    for (const revision of ['main', 'HEAD', 'v1', undefined]) {
      expect(strayRevision(naming(revision), PREVIEW, 'main')).toBeUndefined();
    }
  });

  it('is not one that is there for another branch or repository', () => {
    const there = (repoURL: string, targetRevision?: string) => () =>
      requireOwnPreview('school', { source: { repoURL, targetRevision } }, PREVIEW, REPOSITORY);
    expect(there('https://github.com/example-org/cluster', 'add-school')).not.toThrow();
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
