import type { PlanReport } from '../../src/core/report.ts';
import { describePlanReport } from '../../src/operations/describe.ts';

const NAMES = {
  instance: 'riverside',
  namespace: 'riverside',
  application: 'riverside-production',
  configPath: 'instances/riverside/config.yml',
  bucket: 'launchpad-riverside-3fa9c1e',
};

const PROVISION: PlanReport = {
  ...NAMES,
  operation: 'provision',
  changed: true,
  resources: [
    { kind: 'Namespace', name: 'riverside', state: 'unchanged', fields: [] },
    { kind: 'Role', name: 'launchpad-provision', state: 'change', fields: ['rules[0].verbs', 'metadata.labels.a'] },
    { kind: 'MySQL database', name: 'launchpad-riverside-openedx', state: 'ensure', fields: [] },
  ],
  commit: 'Provision riverside',
  files: [
    { path: 'instances/riverside/config.yml', state: 'create', diff: '+PLATFORM_NAME: School' },
    { path: 'instances/riverside/application.yml', state: 'unchanged', diff: '' },
  ],
  laterKeys: ['MYSQL_HOST'],
  warnings: [],
};

const DEPROVISION: PlanReport = {
  ...NAMES,
  operation: 'deprovision',
  changed: true,
  resources: [
    { kind: 'Application', name: 'riverside-production', state: 'delete', fields: [] },
    { kind: 'Bucket', name: 'launchpad-riverside-???????', state: 'remove', fields: [] },
  ],
  commit: 'Deprovision riverside',
  files: [{ path: 'instances/riverside/config.yml', state: 'delete', diff: '' }],
  laterKeys: [],
  warnings: [],
};

describe('the log of a dry run', () => {
  it('has a line for each resource with the fields that would change, and the diffs of the commit', () => {
    expect(describePlanReport(PROVISION).split('\n')).toEqual([
      'unchanged  Namespace       riverside',
      'change     Role            launchpad-provision  (rules[0].verbs, metadata.labels.a)',
      'ensure     MySQL database  launchpad-riverside-openedx',
      'Commit "Provision riverside":',
      '+PLATFORM_NAME: School',
      "Keys of config.yml that the run gets from the vendor's API: MYSQL_HOST",
      'A run would change what is marked create or change. Nothing was changed now.',
    ]);
  });

  it('of deprovisioning has a line for each resource and file, and the commit', () => {
    expect(describePlanReport(DEPROVISION).split('\n')).toEqual([
      'delete  Application  riverside-production',
      'remove  Bucket       launchpad-riverside-???????',
      'delete  File         instances/riverside/config.yml',
      'Commit "Deprovision riverside"',
      'A run would delete what is marked so, and remove the rest where it is there. Nothing was changed now.',
    ]);
  });

  it('says if there is nothing to change and nothing to commit', () => {
    const nothing = 'A run would change nothing that can be seen from here. Nothing was changed now.';
    const same = { changed: false, files: [], laterKeys: [], commit: '' };
    expect(
      describePlanReport({ ...PROVISION, ...same })
        .split('\n')
        .slice(-2),
    ).toEqual(['No file changes.', nothing]);
    expect(
      describePlanReport({ ...DEPROVISION, ...same })
        .split('\n')
        .slice(-2),
    ).toEqual(['There is nothing to commit.', nothing]);
  });

  it('names at most eight fields', () => {
    const fields = Array.from({ length: 10 }, (_, index) => `f${index}`);
    const resources = [{ kind: 'Role', name: 'r', state: 'change' as const, fields }];
    expect(describePlanReport({ ...PROVISION, resources })).toContain('(f0, f1, f2, f3, f4, f5, f6, f7 and 2 more)');
  });
});
