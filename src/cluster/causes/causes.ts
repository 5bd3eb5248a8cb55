import { neverFitsNodes, neverFitsQuota } from './never-fits.ts';
import { DELETED, SIDECAR_RUNNING, type Sign, UNTOUCHED } from './symptoms.ts';

/** Where the trouble is, for what an operator types. */
export interface Place {
  readonly namespace: string;
  readonly workflow: string;
}

/** A cause as the table has it. */
export interface Row {
  readonly code: string;
  readonly heading: string;
  /** Recognises the sign by its words, `reason: message`. */
  readonly says: RegExp;
  readonly cause: string;
  readonly remedy: (place: Place) => string;
  /** Only at the end: while the Workflow goes on it means nothing. */
  readonly atEnd?: true;
  readonly patienceMs?: number;
  /** What it waits for, where that may come. */
  readonly until?: string;
  /** Milliseconds after which its words are taken for those of a pod that never starts; undefined: it may start. */
  readonly never?: (words: string, signs: readonly Sign[]) => number | undefined;
}

const AGAIN = 'then run again: finished work is kept.';

/**
 * What Kubernetes and Argo Workflows say, what it means, and what to do. The first row that recognises a sign counts, so
 * the particular stand before the general. Where the words come from: kubelet (container states and events: pkg/kubelet
 * of kubernetes/kubernetes), scheduler, admission (ResourceQuota, LimitRange, PodSecurity, webhooks), and Argo's
 * controller (workflow/controller/operator.go of argoproj/argo-workflows).
 */
export const CAUSES: readonly Row[] = [
  {
    code: 'workflow-untouched',
    heading: 'no workflow controller',
    says: new RegExp(`^${UNTOUCHED}$`),
    cause: 'no workflow controller has looked at it',
    remedy: ({ namespace }) =>
      `Check that the Argo Workflows controller runs and manages the namespace ${namespace}: kubectl get pods -A -l app=workflow-controller, its options --namespaced and --managed-namespace, and instanceID in its configuration (kubectl get configmap -A -o name | grep workflow-controller-configmap): where it has one, set input argo-instance-id to it; ${AGAIN}`,
    patienceMs: 15_000,
  },
  {
    code: 'workflow-deleted',
    heading: 'workflow deleted',
    says: new RegExp(`^${DELETED}$`),
    cause: 'somebody deleted it before it ended',
    remedy: ({ namespace }) =>
      `Find out who deletes Workflows in namespace ${namespace} (a person, a clean-up job, Argo CD with prune), ${AGAIN}`,
    atEnd: true,
  },
  {
    code: 'admission-denied',
    heading: 'admission refused',
    // Before all that a policy's own words may also have: "must specify limits", "violates PodSecurity".
    says: /admission webhook "[^"]*" denied|denied the request|ValidatingAdmissionPolicy '[^']*'|unable to validate against any (security context constraint|pod security policy)/,
    cause: 'a policy of the cluster refuses it',
    remedy: ({ namespace }) =>
      `Set what the policy requires by the inputs namespace-labels, pod-labels, pod-annotations and pod-resources, or let the policy that the message names allow what the action creates in namespace ${namespace}, ${AGAIN}`,
  },
  {
    code: 'image-name',
    heading: 'invalid image name',
    says: /^InvalidImageName\b/,
    cause: 'its image name is invalid, so its pod never starts',
    remedy: () => `Correct input provisioner-image, ${AGAIN}`,
    never: () => 0,
  },
  {
    code: 'image-pull',
    heading: 'image cannot be pulled',
    says: /\b(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|RegistryUnavailable)\b|Failed to pull image|Back-off pulling image/,
    cause: 'an image of its pod cannot be pulled',
    remedy: ({ namespace }) =>
      `Check input provisioner-image (the name, and that the registry has it), input docker-registry-credentials where the registry is private, and that the nodes reach the registry: kubectl describe pods -n ${namespace}. Correct it, ${AGAIN}`,
  },
  {
    code: 'no-node-in-image',
    heading: 'image cannot run the provisioner',
    says: /executable file not found|exit code 64\b|exec format error/,
    cause: 'its image cannot run the provisioner',
    remedy: () => `Set input provisioner-image to an image with Node 24 or later for the nodes' architecture, ${AGAIN}`,
  },
  {
    code: 'container-config',
    heading: 'container cannot be configured',
    says: /\bCreateContainerConfigError\b/,
    cause: 'its container cannot be configured; the reason names what the pod lacks or what its image does not meet',
    remedy: ({ namespace }) =>
      `Look for who deletes Secrets or ConfigMaps in namespace ${namespace} where one is missing, or set input provisioner-image to an image that runs as any user, ${AGAIN}`,
    // The kubelet looks again after some 10 s for a Secret that came late.
    patienceMs: 12_000,
  },
  {
    code: 'container-start',
    heading: 'container cannot be started',
    says: /\b(CreateContainerError|RunContainerError|StartError|ContainerCannotRun)\b/,
    cause: 'its container cannot be started',
    remedy: () => `Check the node that the pod is on, and input provisioner-image (Node 24 or later), ${AGAIN}`,
    patienceMs: 3_000,
  },
  {
    code: 'quota-limits',
    heading: 'quota asks for requests or limits',
    says: /failed quota:/,
    cause: "the namespace's ResourceQuota refuses pods whose containers do not all set requests and limits",
    remedy: ({ namespace }) =>
      `Set input pod-resources to what the quota counts (such as limits.cpu=500m), or add a LimitRange with a default for it to namespace ${namespace}, ${AGAIN}`,
  },
  {
    code: 'quota-exceeded',
    heading: 'quota exceeded',
    says: /exceeded quota/,
    cause: "the namespace's ResourceQuota has no room for its pod",
    remedy: ({ namespace }) =>
      `Raise the quota, delete what uses it up, or set input pod-resources to less (kubectl describe quota -n ${namespace}): each of the run's three pods asks for 100m CPU and 192Mi, with limits of 768Mi, where that input does not change it; ${AGAIN}`,
    until: 'others of the namespace leave room',
    never: neverFitsQuota,
  },
  {
    code: 'limit-range',
    heading: 'LimitRange refuses the pod',
    says: /(minimum|maximum) (cpu|memory|ephemeral-storage) usage per|max limit to request ratio per|must be less than or equal to (cpu|memory) limit/,
    cause: "the namespace's LimitRange refuses its pod",
    remedy: ({ namespace }) =>
      `Set input pod-resources to what the LimitRange takes (kubectl describe limitrange -n ${namespace}); without it each container asks for 50m CPU and 96Mi, with a limit of 384Mi. Or widen the LimitRange, ${AGAIN}`,
  },
  {
    code: 'priority-class',
    heading: 'priority class missing',
    says: /no PriorityClass with name /,
    cause: 'the priority class that something gave its pod is not there',
    remedy: () =>
      `Create it, or take it out of what adds it to pods (\`podPriorityClassName\` or \`podSpecPatch\` in the configuration of Argo's controller, an admission webhook), ${AGAIN}`,
  },
  {
    code: 'pod-security',
    heading: 'pod security refuses the pod',
    says: /violates PodSecurity/,
    cause: 'pod security admission refuses its pod',
    remedy: ({ namespace }) =>
      `The provisioners meet the level restricted: see whether Argo's controller adds something to pods (\`executor.securityContext\`, \`mainContainer\` or \`podSpecPatch\` in its configuration), or lower the level of namespace ${namespace}, ${AGAIN}`,
  },
  {
    code: 'webhook-unreachable',
    heading: 'admission webhook without answer',
    says: /failed calling webhook/,
    cause: 'an admission webhook of the cluster does not answer, so nothing can be created',
    remedy: () =>
      `Bring the webhook's service up, or remove its configuration (kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations), ${AGAIN}`,
  },
  {
    code: 'service-account-missing',
    heading: 'service account missing',
    says: /service ?account.{0,300} not found|looking up service account/i,
    cause: 'the service account of its pod is not there',
    remedy: ({ namespace }) =>
      `Each run creates it: find out what deletes it (Argo CD with prune, a policy) in namespace ${namespace}, ${AGAIN}`,
  },
  {
    code: 'executor-forbidden',
    heading: "Argo's executor lacks permissions",
    says: /workflowtaskresults\S{0,300} \S{0,300} ?is forbidden|cannot (create|patch) resource "workflowtaskresults"/,
    cause: "Argo's executor in its pod may not report the result",
    remedy: ({ namespace }) =>
      `Each run creates the Role launchpad-provision-executor and its RoleBinding: find out what deletes or changes them in namespace ${namespace}, ${AGAIN}`,
  },
  {
    code: 'controller-forbidden',
    heading: 'Argo lacks permissions',
    says: /User "system:serviceaccount:[^"]*" cannot \w+ resource/,
    cause: 'the workflow controller may not do in the namespace what it needs to',
    remedy: ({ namespace }) =>
      `Give the account that the message names this permission in namespace ${namespace} (Argo's own cluster install does), ${AGAIN}`,
  },
  {
    code: 'template-missing',
    heading: 'WorkflowTemplate missing',
    says: /workflowtemplates?\.argoproj\.io "[^"]*" not found/,
    cause: 'the WorkflowTemplate that it refers to is not there',
    remedy: ({ namespace }) =>
      `Each run applies it: find out what deletes it (Argo CD with prune, a policy) in namespace ${namespace}, ${AGAIN}`,
  },
  {
    code: 'workflow-parallelism',
    heading: 'too many workflows at once',
    says: /too many workflows are already running/,
    cause: 'the workflow controller runs as many workflows as it may',
    remedy: () =>
      `Let the others end, or raise \`parallelism\` and \`namespaceParallelism\` in the controller's configuration, ${AGAIN}`,
    patienceMs: 5_000,
    until: 'others end',
  },
  {
    code: 'server-busy',
    heading: 'other runs are at the server',
    says: /^Waiting for \S+ lock/,
    cause: 'other Workflows work at the same server',
    remedy: ({ namespace, workflow }) =>
      `Wait for the Workflow that has the lock, which ends by its own timeout, or delete it if it hangs: kubectl get workflow ${workflow} -n ${namespace} -o jsonpath='{.status.synchronization.mutex.waiting[0].holder}' prints its namespace and name; ${AGAIN}`,
    patienceMs: 60_000,
  },
  {
    code: 'unschedulable',
    heading: 'no node fits the pod',
    says: /^(Unschedulable|FailedScheduling|SchedulerError|SchedulingGated)\b/,
    cause: 'no node of the cluster fits its pod',
    remedy: () =>
      `Add nodes or make room, or take away the taint or selector that the scheduler names (the provisioner asks for 50m CPU and 96Mi of memory, Argo's containers come on top); ${AGAIN}`,
    patienceMs: 2_000,
    until: 'a node is added or has room',
    never: neverFitsNodes,
  },
  {
    code: 'mount',
    heading: 'volume cannot be mounted',
    says: /^(FailedMount|FailedAttachVolume)\b/,
    cause: 'a volume of its pod cannot be mounted',
    remedy: ({ namespace }) =>
      `Look for who deletes ConfigMaps in namespace ${namespace} where one is missing, else at the node that the pod is on, ${AGAIN}`,
    patienceMs: 8_000,
  },
  {
    code: 'pod-sandbox',
    heading: 'node cannot start the pod',
    says: /^FailedCreatePodSandBox\b/,
    cause: 'the node cannot set up its pod',
    remedy: ({ namespace }) =>
      `Look at the network plugin and the container runtime of that node (kubectl get pods -n ${namespace} -o wide names it), ${AGAIN}`,
    patienceMs: 8_000,
  },
  {
    code: 'sidecar-running',
    heading: 'sidecar does not end',
    says: new RegExp(`^${SIDECAR_RUNNING}\\b`),
    cause: 'its work is done, but a container that something added to its pod does not end',
    remedy: ({ namespace }) =>
      `Keep the sidecar out of the workflows' pods: they carry the labels and annotations of Istio and Linkerd for that; for another injector set input pod-labels or pod-annotations, or exclude namespace ${namespace}, ${AGAIN}`,
    patienceMs: 30_000,
  },
  {
    code: 'out-of-memory',
    heading: 'out of memory',
    says: /\bOOMKilled\b/,
    cause: 'a container of its pod used more memory than its limit',
    remedy: ({ namespace }) =>
      `See whether input pod-resources or a LimitRange lowers the limit of 384Mi (kubectl describe limitrange -n ${namespace}) and run again; if it happens again, report it with the log.`,
    atEnd: true,
  },
  {
    code: 'preempted',
    heading: 'pod preempted',
    says: /^(Preempt|PreemptionByScheduler)/,
    cause: 'its pod had to make room for one of a higher priority',
    remedy: () => `Add nodes or make room, ${AGAIN}`,
    atEnd: true,
  },
  {
    code: 'evicted',
    heading: 'pod evicted',
    says: /^(Evicted|TerminationByKubelet|EvictionByEvictionAPI)\b|low on resource/,
    cause: 'its pod was evicted from its node',
    remedy: () => `Make room on the node, or let its drain end, ${AGAIN}`,
    atEnd: true,
  },
  {
    code: 'node-lost',
    heading: 'node lost',
    says: /^(NodeLost|NodeNotReady|NodeShutdown|DeletionByTaintManager|DeletionByPodGC|TaintManagerEviction)\b|[Nn]ode shutdown/,
    cause: 'the node of its pod went away',
    remedy: () => `Look at the nodes (kubectl get nodes), ${AGAIN}`,
    atEnd: true,
  },
  {
    code: 'deadline',
    heading: 'out of time',
    says: /\bDeadlineExceeded\b|longer than (the )?specified deadline|exceeded its deadline|[Mm]ax duration limit exceeded/,
    cause: 'its time was up',
    remedy: () => `Look at the last lines of its log, and raise input timeout where it only needs longer; ${AGAIN}`,
    atEnd: true,
  },
  {
    code: 'workflow-stopped',
    heading: 'workflow stopped',
    says: /Stopped with strategy|workflow shutdown with strategy/,
    cause: 'somebody stopped it (argo stop, argo terminate, or the Argo UI)',
    remedy: () => 'Run again: what is done already is kept.',
    atEnd: true,
  },
  {
    code: 'pod-deleted',
    heading: 'pod deleted',
    says: /\bpod deleted\b/i,
    cause: 'its pod was deleted while it worked',
    remedy: ({ namespace }) =>
      `Find out who deletes pods in namespace ${namespace} (a node's drain, a person, a clean-up job), ${AGAIN}`,
    atEnd: true,
  },
  {
    code: 'killed',
    heading: 'container killed',
    says: /exit code 137\b/,
    cause: 'its container was killed (SIGKILL)',
    remedy: ({ namespace }) =>
      `Look at the events of the pod and at its node's memory (kubectl get events -n ${namespace}), ${AGAIN}`,
    atEnd: true,
  },
  {
    code: 'terminated',
    heading: 'container terminated',
    says: /exit code 143\b/,
    cause: 'its container was asked to end (SIGTERM) before it was done',
    remedy: ({ namespace }) =>
      `Find out who ended the pod (a node's drain, an eviction, a person; kubectl get events -n ${namespace}), ${AGAIN}`,
    atEnd: true,
  },
];
