import { type FaultProxy, startFaultProxy } from '../../../sandbox/faults/proxy.ts';
import { type KubernetesServer, startKubernetes } from '../../../sandbox/kubernetes/server.ts';
import { Cluster } from '../../../src/cluster/api/client.ts';
import { WORKFLOW_TYPE, type WorkflowObject } from '../../../src/cluster/objects/workflow-objects.ts';
import { keepPrograms, programsOf } from '../../../src/cluster/workflows/programs.ts';
import { type Submission, submitWorkflows } from '../../../src/cluster/workflows/submit.ts';
import type { WorkflowInput } from '../../../src/cluster/workflows/workflow-input.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { KINDS, type Kind } from '../../../src/core/kinds.ts';
import type { ProgressLog } from '../../../src/core/progress.ts';
import { RunRecorder } from '../../../src/core/run-recorder.ts';

/** A Kubernetes API behind a proxy that injects faults, with the namespace `school`. */
export interface Given {
  readonly server: KubernetesServer;
  readonly proxy: FaultProxy;
  readonly cluster: Cluster;
  stop(): Promise<void>;
}

export async function givenCluster(clock?: Clock): Promise<Given> {
  const server = await startKubernetes();
  const proxy = await startFaultProxy(server.kubeconfig());
  const access = { source: { kind: 'content', text: proxy.kubeconfig } } as const;
  const cluster = await Cluster.connect(access, clock === undefined ? {} : { clock });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'school' } });
  return {
    server,
    proxy,
    cluster,
    stop: async () => {
      await cluster.close();
      await proxy.stop();
      await server.stop();
    },
  };
}

/** The inputs of a run's Workflows. */
function inputsOf(run: string, kinds: readonly Kind[] = KINDS): WorkflowInput[] {
  return kinds.map((kind) => ({
    kind,
    operation: 'provision',
    instance: 'school',
    run,
    parameters: { host: 'db' },
    secrets: { PASSWORD: `${kind}-secret` },
  }));
}

/** @param version of the programs */
export function submissionOf(run: string, kinds: readonly Kind[] = KINDS, version = '1') {
  const program = Buffer.from(version);
  const programs = programsOf({ mysql: program, mongodb: program, storage: program });
  const options = { programs, provisionerImage: 'node:24', deadlineSeconds: 600, argoInstanceId: undefined };
  return { inputs: inputsOf(run, kinds), ...options };
}

/** Creates what the Workflows need, and submits them. */
export async function submit(cluster: Cluster, submission: Submission, isNewNamespace = false) {
  await keepPrograms(cluster, 'school', submission.programs, isNewNamespace);
  return await submitWorkflows(cluster, submission);
}

/** What Argo's controller writes into a Workflow. */
export async function argoWrites(cluster: Cluster, name: string, status: NonNullable<WorkflowObject['status']>) {
  await cluster.patch({ ...WORKFLOW_TYPE, metadata: { name, namespace: 'school' } }, { status });
}

export async function finish(cluster: Cluster, name: string, phase: string, rest: WorkflowObject['status'] = {}) {
  await argoWrites(cluster, name, { phase, finishedAt: new Date().toISOString(), ...rest });
}

/** A progress that keeps its lines. */
export function keptProgress() {
  const infos: string[] = [];
  const warnings: string[] = [];
  const log: ProgressLog = {
    phase: async (_, work) => await work(),
    info: (line) => infos.push(line),
    warning: (line) => warnings.push(line),
    debug: () => undefined,
    secret: () => undefined,
  };
  return { infos, warnings, progress: new RunRecorder(log) };
}
