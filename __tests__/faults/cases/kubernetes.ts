import type { FaultCase, Section } from '../fault-case.ts';
import type { Stage } from '../stage.ts';
import { PHASES, type Phase, RENEWED, rulesOf, type Survived } from './phases.ts';

/** Faults of a real API server that take as long there as here. */
const LAB: readonly string[] = [
  'Creation of a Workflow: the API server does it, and drops the connection',
  'Apply of the Application: the API server does it, and drops the connection',
  'Watch of the Workflows: the API server ends its answer in the middle',
  'Creation of the Lease: the API server does it, and a gateway answers 504',
];

/** Faults that cost 30 s: a request that gets no answer is given up then. */
const HANGS: readonly Survived[] = ['gives no answer', 'does it, and gives no answer'];

/** The kubeconfig, with its token given by an exec plugin. */
function withPlugin({ api }: Stage) {
  const apiVersion = 'client.authentication.k8s.io/v1';
  const kubeconfig = JSON.parse(api.kubeconfig, (key, value) => {
    if (key !== 'user' || typeof value?.token !== 'string') return value;
    const credential = JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token: value.token } });
    return { exec: { apiVersion, command: 'echo', args: [credential], interactiveMode: 'Never' } };
  });
  return { inputs: { kubeconfig: JSON.stringify(kubeconfig) } };
}

/** Makes that request meet that fault. */
function arm({ api, instance }: Stage, phase: Phase, name: Parameters<typeof rulesOf>[2]): void {
  for (const rule of rulesOf(phase, instance, name)) api.add(rule);
}

/** The case of a request that meets a fault which a run gets over. */
export function survived(phase: Phase, name: Survived): FaultCase {
  const fault = `${phase.name}: the API server ${name}`;
  return {
    fault,
    ends: 'green',
    arm: (stage) => arm(stage, phase, name),
    ...(HANGS.includes(name) ? { within: 180 } : {}),
    ...(name === RENEWED ? { options: withPlugin } : {}),
    ...(LAB.includes(fault) ? { lab: true } : {}),
  };
}

/** Requests that the API server refuses whenever they come, though the access reviews allow them. */
const REFUSED: readonly { readonly phase: string; readonly error: RegExp; readonly leavesRest?: boolean }[] = [
  { phase: 'Creation of the Lease', error: /[Ll]ease/ },
  { phase: 'Apply of the namespace', error: /namespace/ },
  { phase: 'Creation of Secrets', error: /secret/i },
  { phase: 'Apply of a Role', error: /role/ },
  { phase: 'Creation of a ConfigMap', error: /configmap/i },
  { phase: 'Creation of a Workflow', error: /workflow/i },
  { phase: 'Read of the password', error: /secret/i },
  { phase: 'Apply of the Application', error: /[Aa]pplication/ },
];

function refused({ phase: name, error, leavesRest = false }: (typeof REFUSED)[number]): FaultCase[] {
  return PHASES.filter((phase) => phase.name === name).map((phase) => ({
    fault: `${name}: the API server refuses it each time (403)`,
    ends: 'red',
    error,
    leavesRest,
    arm: (stage) => arm(stage, phase, 'refuses it each time (403)'),
  }));
}

/** Requests that find the API server broken for longer than a run waits. */
const BROKEN = ['Access review', 'Creation of a Workflow', "List of the run's Workflows", 'Apply of the Application'];

function broken(name: string): FaultCase[] {
  return PHASES.filter((phase) => phase.name === name).map((phase) => ({
    fault: `${name}: the API server answers 503 for longer than a minute`,
    ends: 'red',
    error: /503/,
    within: 240,
    options: () => ({ inputs: { timeout: '40s' } }),
    arm: (stage) => arm(stage, phase, 'answers 503 for longer than a minute'),
  }));
}

const UNAUTHORIZED: FaultCase = {
  fault: 'Access review: the API server answers 401 to a token that stands in the kubeconfig',
  ends: 'red',
  error: /401 .*token of user sandbox in the kubeconfig/,
  arm: ({ api }) =>
    api.add({
      path: /selfsubjectrulesreviews/,
      fault: { kind: 'answer', status: 401, reason: 'Unauthorized' },
    }),
};

export const KUBERNETES: Section = {
  title: 'Kubernetes API',
  cases: PHASES.flatMap((phase) => phase.survives.map((name) => survived(phase, name))),
};

export const KUBERNETES_FAILS: Section = {
  title: 'Kubernetes API: what a run does not get over',
  cases: [UNAUTHORIZED, ...REFUSED.flatMap(refused), ...BROKEN.flatMap(broken)],
};
