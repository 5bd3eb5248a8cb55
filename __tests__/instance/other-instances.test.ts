import { Seed } from '../../src/instance/new/seed.ts';
import { OtherInstances } from '../../src/instance/other-instances.ts';
import { planInstance } from '../../src/instance/plan.ts';
import { bytes, NO_FILES, planContext, REPOSITORY } from './given.ts';

const templates = { config: 'MYSQL_DATABASE: "openedx"\n', application: '' };
const application = (name: string) =>
  bytes(
    JSON.stringify({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: `${name}-production`, namespace: 'argocd' },
      spec: {
        project: 'default',
        source: { repoURL: REPOSITORY, path: `instances/${name}/env`, targetRevision: 'main' },
        destination: { server: 'https://kubernetes.default.svc', namespace: name },
      },
    }),
  );

/** Plans as one of several instances of a run. */
function plan(name: string, otherInstances: OtherInstances) {
  const files = { ...NO_FILES, application: application(name), others: otherInstances.othersThan(name) };
  const made = planInstance(files, Seed.random(), planContext(templates, { name }));
  otherInstances.add(made);
  return made;
}

it('instances of one process do not share a database that a template gives each of them, though no branch has it yet', () => {
  const otherInstances = new OtherInstances();
  expect(plan('a', otherInstances).instance.mysql.database).toBe('openedx');
  expect(() => plan('b', otherInstances)).toThrow('the MySQL database openedx belongs to instance a');
  // A refused one takes nothing, and one that plans again is not in its own way.
  expect(plan('a', otherInstances).instance.mysql.database).toBe('openedx');
});
