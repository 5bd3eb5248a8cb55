import { Seed } from '../../src/instance/new/seed.ts';
import { OtherInstances } from '../../src/instance/other-instances.ts';
import { type PlanContext, planInstance } from '../../src/instance/plan.ts';
import { SETTINGS } from './given.ts';

const templates = { config: 'MYSQL_DATABASE: "openedx"\n', application: '' };
const application = (name: string) =>
  new TextEncoder().encode(
    JSON.stringify({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: `${name}-production`, namespace: 'argocd' },
      spec: {
        project: 'default',
        source: { repoURL: 'git@github.com:org/cluster.git', path: `instances/${name}/env`, targetRevision: 'main' },
        destination: { server: 'https://kubernetes.default.svc', namespace: name },
      },
    }),
  );

/** Plans as runs do that share a process: with what the others are going to have. */
function plan(name: string, otherInstances: OtherInstances) {
  const context: PlanContext = {
    name,
    settings: SETTINGS,
    branch: 'main',
    repositoryUrl: 'git@github.com:org/cluster.git',
    templates,
  };
  const files = { config: undefined, application: application(name), others: otherInstances.othersThan(name) };
  const made = planInstance(files, Seed.random(), context);
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
