import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { load, loadAll } from 'js-yaml';
import { comparisonAccess, deprovisionAccess, requiredAccess } from '../../../src/cluster/api/required-access.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const flat = (rules: readonly Rule[]) =>
  rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`))),
  );

async function rulesOf(file: string): Promise<Rule[]> {
  const documents = loadAll(await readFile(path.join(root, file), 'utf8')) as readonly { rules?: Rule[] }[];
  return documents.flatMap(({ rules }) => rules ?? []);
}

const asked = [
  ...requiredAccess('school', { waitForSync: true }),
  ...deprovisionAccess('school'),
  ...comparisonAccess('school'),
].map(
  ({ verb, group, resource, subresource }) =>
    `${verb} ${group}/${resource}${subresource === undefined ? '' : `/${subresource}`}`,
);

it('docs/rbac.yml grants exactly what the preflight asks for', async () => {
  expect(new Set(flat(await rulesOf('docs/rbac.yml')))).toEqual(new Set(asked));
});

it('everything that our Roles grant is asked for, as nobody may grant what he may not do', async () => {
  const granted = flat(await rulesOf('manifests/rbac.yml'));
  expect(granted.length).toBeGreaterThan(0);
  expect(granted.filter((access) => !asked.includes(access))).toEqual([]);
});

it('who only provisions needs no right to delete an Application or a namespace', () => {
  const deleted = requiredAccess('school', { waitForSync: true }).filter(({ verb }) => verb === 'delete');
  expect(deleted.map(({ resource }) => resource)).toEqual(['secrets', 'configmaps', 'leases']);
});

it('the ClusterRole is one that kubectl accepts', async () => {
  expect(load(await readFile(path.join(root, 'docs', 'rbac.yml'), 'utf8'))).toMatchObject({ kind: 'ClusterRole' });
});

it("permissions in Argo CD's namespace are asked for in the namespace of the input", () => {
  const conventions = { argocdNamespace: 'gitops' };
  const asked = [
    ...requiredAccess('school', { waitForSync: true, conventions }),
    ...deprovisionAccess('school', { conventions }),
  ];
  const ofArgoCd = asked.filter(({ resource }) => ['applications', 'leases'].includes(resource));
  expect([...new Set(ofArgoCd.map(({ namespace }) => namespace))]).toEqual(['gitops']);
  expect(asked.some(({ namespace }) => namespace === 'argocd')).toBe(false);
});
