import { readFile } from 'node:fs/promises';
import { load, loadAll } from 'js-yaml';
import { type Fields, fieldsOf, listIn } from '../../../src/core/fields.ts';

const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC', 'hostAliases'];
const KINDS = ['mysql', 'mongodb', 'storage'];
/** What `restricted` asks of a container (https://kubernetes.io/docs/concepts/security/pod-security-standards/), and more. */
const LOCKED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

it.each(KINDS)('the %s pods are not root, see nothing of the node, and have a read-only file system', async (kind) => {
  const spec = fieldsOf(fieldsOf(load(await readFile(`manifests/${kind}.yml`, 'utf8'))).spec);
  expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  const templates = listIn(spec, 'templates');
  expect(templates.length).toBeGreaterThan(0);
  for (const { container, podSpecPatch } of templates) {
    const patch = fieldsOf(load(String(podSpecPatch)));
    const containers = [fieldsOf(container), ...listIn(patch, 'initContainers'), ...listIn(patch, 'containers')];
    expect(containers.map(({ securityContext }) => securityContext)).toEqual([LOCKED, LOCKED, LOCKED]);
    for (const field of HOST_FIELDS) expect(Object.keys(patch)).not.toContain(field);
  }
  const volumes = listIn(spec, 'volumes').flatMap(({ name, ...source }) => Object.keys(source));
  expect(volumes.filter((source) => !['configMap', 'secret', 'emptyDir'].includes(source))).toEqual([]);
  for (const field of HOST_FIELDS) expect(Object.keys(spec)).not.toContain(field);
});

it('their service accounts may report to Argo, and that of MongoDB may write the one Secret', async () => {
  const objects = loadAll(await readFile('manifests/rbac.yml', 'utf8')).map(fieldsOf);
  const rulesOf = (account: string) =>
    objects
      .filter(
        ({ kind, ...rest }) => kind === 'RoleBinding' && listIn(rest, 'subjects').some(({ name }) => name === account),
      )
      .flatMap(({ roleRef }) => objects.filter((one) => isRole(one, fieldsOf(roleRef).name)))
      .flatMap(({ rules }) => rules);
  const report = { apiGroups: ['argoproj.io'], resources: ['workflowtaskresults'], verbs: ['create', 'patch'] };
  const secret = {
    ...{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'patch'] },
    resourceNames: ['launchpad-mongodb-user-password'],
  };
  expect(rulesOf('launchpad-provision-provisioner')).toEqual([report]);
  expect(rulesOf('launchpad-provision-mongodb')).toEqual([report, secret]);
  expect(objects.map(({ kind }) => kind)).not.toContain('ClusterRoleBinding');
});

function isRole({ kind, metadata }: Fields, name: unknown): boolean {
  return kind === 'Role' && fieldsOf(metadata).name === name;
}
