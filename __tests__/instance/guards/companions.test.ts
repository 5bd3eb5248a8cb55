import { Companions } from '../../../src/instance/companions.ts';
import { Seed } from '../../../src/instance/new/seed.ts';
import { type PlanContext, planInstance } from '../../../src/instance/plan.ts';
import { SETTINGS } from '../given.ts';

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
function plan(name: string, companions: Companions) {
  const context: PlanContext = {
    name,
    settings: SETTINGS,
    branch: 'main',
    repositoryUrl: 'git@github.com:org/cluster.git',
    templates,
  };
  const files = { config: undefined, application: application(name), others: companions.othersThan(name) };
  const made = planInstance(files, Seed.random(), context);
  companions.add(made);
  return made;
}

it('instances of one process do not share a database that a template gives each of them, though no branch has it yet', () => {
  const companions = new Companions();
  expect(plan('a', companions).instance.mysql.database).toBe('openedx');
  expect(() => plan('b', companions)).toThrow('the MySQL database openedx belongs to instance a');
  // A refused one takes nothing, and one that plans again is not in its own way.
  expect(plan('a', companions).instance.mysql.database).toBe('openedx');
});
