import { CAUSES } from '../../../src/cluster/causes/causes.ts';
import { causeOf, problemOf } from '../../../src/cluster/causes/recognise.ts';
import { type Evidence, symptomsOf } from '../../../src/cluster/causes/symptoms.ts';
import { event, evidence, main, pod, workflow } from '../workflows/objects.ts';

const PLACE = { namespace: 'school', workflow: 'mysql-1' };
const waiting = (reason: string, message = '') =>
  evidence({ pod: pod({ containerStatuses: [main({ waiting: { reason, message } })] }) });
const terminated = (exitCode: number, reason = 'Error', message = '') =>
  evidence({ pod: pod({ phase: 'Failed', containerStatuses: [main({ terminated: { exitCode, reason, message } })] }) });
const said = (message: string) => evidence({ workflow: workflow({ phase: 'Error', message }) });
const scheduled = (reason: string, message: string) =>
  evidence({ pod: pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason, message }] }) });
const disrupted = (reason: string) =>
  evidence({
    pod: pod({ phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True', reason, message: '' }] }),
  });
const happened = (reason: string, message: string) => evidence({ pod: pod({}), events: [event(reason, message)] });

/** What policies say of a pod, as their users report it: some words are also those of Kubernetes' own admission. */
const REFUSALS: readonly (readonly [string, string])[] = [
  [
    'Kyverno, validation',
    'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource Pod/school/mysql-1 was blocked due to the following policies \n\nrequire-requests-limits:\n  validate-resources: \'validation error: CPU and memory resource requests\n    and limits are required. rule validate-resources failed at path /spec/containers/0/resources/limits/\'',
  ],
  [
    'Kyverno, images',
    'admission webhook "mutate.kyverno.svc-fail" denied the request: \n\nresource Pod/school/mysql-1 was blocked due to the following policies \n\ncheck-image:\n  verify-signature: \'failed to verify image node:24-alpine: .attestors[0].entries[0].keys: no matching signatures\'',
  ],
  [
    'Kyverno, a webhook for each policy',
    'admission webhook "ivpol.validate.kyverno.svc-fail-finegrained-require-signed" denied the request: Policy require-signed failed: Image must be signed',
  ],
  [
    'Kyverno, pod security',
    "admission webhook \"validate.kyverno.svc-fail\" denied the request: \n\nresource Pod/school/mysql-1 was blocked due to the following policies \n\npodsecurity:\n  restricted: 'Validation rule ''restricted'' failed. It violates PodSecurity \"restricted:latest\"'",
  ],
  [
    'Gatekeeper',
    'admission webhook "validation.gatekeeper.sh" denied the request: [container-must-have-limits] container <wait> has no cpu limit\n[container-must-have-limits] container <main> has no cpu limit',
  ],
  [
    'Gatekeeper before 3.0',
    'admission webhook "validation.gatekeeper.sh" denied the request: [denied by ns-must-have-hr] you must provide labels: {"app", "version"}',
  ],
  ['a webhook without words', 'admission webhook "v.example.org" denied the request without explanation'],
  [
    'a policy of the API server',
    "pods \"mysql-1\" is forbidden: ValidatingAdmissionPolicy 'require-team' with binding 'all' denied request: every container must specify limits",
  ],
  [
    'a policy of the API server, as invalid',
    "Pod \"mysql-1\" is invalid: : ValidatingAdmissionPolicy 'require-run-as-nonroot' with binding 'b' denied request: no",
  ],
  [
    'OpenShift',
    'pods "mysql-1" is forbidden: unable to validate against any security context constraint: [provider "restricted-v2": Forbidden: not usable by user or serviceaccount]',
  ],
];

/** What Kubernetes and Argo Workflows say, and what it is taken for. */
const SAID: readonly (readonly [string, Evidence])[] = [
  ['workflow-untouched', evidence({ workflow: workflow({}) })],
  ['workflow-deleted', { ...evidence({}), workflow: undefined }],
  ['image-name', waiting('InvalidImageName', 'couldn\'t parse image name "A b": invalid reference format')],
  ['image-pull', waiting('ErrImagePull', 'failed to resolve reference "x": not found')],
  ['image-pull', waiting('ImagePullBackOff', 'Back-off pulling image "x"')],
  ['image-pull', happened('Failed', 'Failed to pull image "x": 401 Unauthorized')],
  ['no-node-in-image', said('main: Error (exit code 64): exec: "node": executable file not found in $PATH')],
  ['container-config', waiting('CreateContainerConfigError', 'secret "launchpad-provision-mysql-1" not found')],
  ['container-start', waiting('RunContainerError', 'failed to create containerd task')],
  [
    'quota-limits',
    said(
      'error in entry template execution: pods "x" is forbidden: failed quota: q: must specify limits.cpu for: init,wait',
    ),
  ],
  [
    'quota-exceeded',
    said('pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=4, limited: pods=4'),
  ],
  ['limit-range', said('pods "x" is forbidden: maximum memory usage per Container is 128Mi, but limit is 384Mi')],
  [
    'limit-range',
    said('pods "x" is forbidden: memory max limit to request ratio per Container is 2, but provided ratio is 4.000000'),
  ],
  [
    'sidecar-running',
    evidence({
      pod: pod({
        phase: 'Running',
        containerStatuses: [
          main({ terminated: { exitCode: 0, reason: 'Completed' } }),
          { name: 'wait', state: { terminated: { exitCode: 0, reason: 'Completed' } } },
          { name: 'istio-proxy', state: { running: {} } },
        ],
      }),
    }),
  ],
  [
    'quota-limits',
    said('pods "x" is forbidden: failed quota: team: must specify limits.cpu for: main; limits.cpu for: init,wait'),
  ],
  ['priority-class', said('pods "x" is forbidden: no PriorityClass with name batch was found')],
  ['pod-security', said('pods "x" is forbidden: violates PodSecurity "restricted:latest": unrestricted capabilities')],
  [
    'webhook-unreachable',
    said('Internal error occurred: failed calling webhook "v.example.org": Post "https://v": EOF'),
  ],
  ['admission-denied', said('admission webhook "policy.example.org" denied the request: no')],
  ...REFUSALS.map(([, message]): readonly [string, Evidence] => ['admission-denied', said(message)]),
  [
    'service-account-missing',
    said('pods "x" is forbidden: error looking up service account school/a: serviceaccount "a" not found'),
  ],
  [
    'executor-forbidden',
    terminated(
      1,
      'Error',
      'workflowtaskresults.argoproj.io is forbidden: User "system:serviceaccount:school:a" cannot create resource "workflowtaskresults"',
    ),
  ],
  [
    'controller-forbidden',
    said('pods is forbidden: User "system:serviceaccount:argo:argo" cannot create resource "pods" in API group ""'),
  ],
  ['template-missing', said('workflowtemplates.argoproj.io "launchpad-provision-mysql" not found')],
  [
    'workflow-parallelism',
    evidence({
      workflow: workflow({
        phase: 'Pending',
        message: 'Workflow processing has been postponed because too many workflows are already running',
      }),
    }),
  ],
  ['server-busy', said('Waiting for argocd/Mutex/launchpad-mysql-db.example.org-3306-7 lock. Lock status: 0/1')],
  ['unschedulable', scheduled('Unschedulable', '0/3 nodes are available: 3 Insufficient cpu.')],
  ['unschedulable', happened('FailedScheduling', '0/3 nodes are available: 3 Insufficient cpu.')],
  ['mount', happened('FailedMount', 'MountVolume.SetUp failed for volume "program" : configmap "x" not found')],
  ['pod-sandbox', happened('FailedCreatePodSandBox', 'plugin type="calico" failed (add)')],
  ['out-of-memory', terminated(137, 'OOMKilled')],
  ['preempted', disrupted('PreemptionByScheduler')],
  [
    'evicted',
    evidence({ pod: pod({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }) }),
  ],
  ['evicted', disrupted('EvictionByEvictionAPI')],
  ['node-lost', evidence({ pod: pod({ reason: 'NodeLost' }) })],
  ['node-lost', disrupted('DeletionByTaintManager')],
  ['deadline', said('Step exceeded its deadline')],
  [
    'deadline',
    evidence({
      pod: pod({
        reason: 'DeadlineExceeded',
        message: 'Pod was active on the node longer than the specified deadline',
      }),
    }),
  ],
  ['workflow-stopped', said("Stopped with strategy 'Terminate'")],
  ['pod-deleted', said('pod deleted')],
  ['killed', terminated(137)],
  ['terminated', terminated(143)],
];

describe('a refusal by a policy', () => {
  it.each(REFUSALS)('%s: is quoted, and the remedy names the inputs', (_, message) => {
    const cause = causeOf(symptomsOf(said(message)), PLACE);
    const [first = ''] =
      /(webhook "[^"]*"|ValidatingAdmissionPolicy '[^']*'|security context constraint)/.exec(message) ?? [];
    expect(cause?.sentence).toContain(first);
    expect(cause?.remedy).toMatch(/namespace-labels, pod-labels, pod-annotations and pod-resources/);
  });
});

describe('the table of causes', () => {
  it.each(SAID)('takes what is said for %s', (code, known) => {
    expect(causeOf(symptomsOf(known), PLACE)?.code).toBe(code);
  });

  it('has an example here for every row, and a remedy that ends as a sentence', () => {
    expect(new Set(SAID.map(([code]) => code))).toEqual(new Set(CAUSES.map(({ code }) => code)));
    for (const { remedy } of CAUSES) expect(remedy(PLACE)).toMatch(/^[A-Z].*\.$/);
  });

  it('quotes what was said, on one line, and names the place in the remedy', () => {
    const cause = causeOf(
      symptomsOf(said('error in entry template execution: pods "x" is forbidden:\n exceeded quota: q.')),
      PLACE,
    );
    expect(cause?.sentence).toBe(
      'the namespace\'s ResourceQuota has no room for its pod: pods "x" is forbidden: exceeded quota: q',
    );
    expect(cause?.remedy).toContain('kubectl describe quota -n school');
  });

  it('cuts a quotation that nobody reads to its end', () => {
    expect(causeOf(symptomsOf(waiting('ErrImagePull', 'x'.repeat(5_000))), PLACE)?.sentence.length).toBeLessThan(700);
  });

  it.each([
    ['a container that ended well', terminated(0, 'Completed')],
    ['a container on its way', waiting('PodInitializing')],
    ['an exit code that says nothing', terminated(1)],
  ])('says nothing of %s', (_, known) => {
    expect(causeOf(symptomsOf(known), PLACE)).toBeUndefined();
  });

  it('names the eviction, and not the signal by which the container ended', () => {
    const containerStatuses = [main({ terminated: { exitCode: 137, reason: 'Error' } })];
    const known = evidence({ pod: pod({ phase: 'Failed', reason: 'Evicted', containerStatuses }) });
    expect(causeOf(symptomsOf(known), PLACE)?.code).toBe('evicted');
  });
});

describe('trouble while a workflow goes on', () => {
  it('is none of what only an end can mean', () => {
    expect(problemOf(symptomsOf(terminated(143)), PLACE)).toBeUndefined();
    expect(problemOf(symptomsOf(said("Stopped with strategy 'Terminate'")), PLACE)).toBeUndefined();
  });

  it('is over when an event tells that the pod has come further', () => {
    const events = [event('FailedScheduling', '0/1 nodes'), event('Scheduled', 'Successfully assigned', 'Normal')];
    expect(problemOf(symptomsOf(evidence({ pod: pod({}), events })), PLACE)).toBeUndefined();
    const again = [...events, event('FailedMount', 'configmap "x" not found')];
    expect(problemOf(symptomsOf(evidence({ pod: pod({}), events: again })), PLACE)?.code).toBe('mount');
  });

  it('is over when the container runs, whatever was warned of before', () => {
    const running = pod({ phase: 'Running', containerStatuses: [main({ running: {} })] });
    const events = [event('FailedMount', 'timed out'), event('Failed', 'Failed to pull image "x"')];
    expect(problemOf(symptomsOf(evidence({ pod: running, events })), PLACE)).toBeUndefined();
  });

  it("is seen in Argo's own containers too", () => {
    const init = { name: 'init', state: { waiting: { reason: 'ImagePullBackOff', message: 'argoexec' } } };
    const known = pod({
      initContainerStatuses: [init],
      containerStatuses: [main({ waiting: { reason: 'PodInitializing' } })],
    });
    expect(problemOf(symptomsOf(evidence({ pod: known })), PLACE)?.sentence).toContain('argoexec');
  });

  const ended = { terminated: { exitCode: 0, reason: 'Completed' } };
  it.each([
    ['linkerd-proxy', { containerStatuses: [main(ended), { name: 'linkerd-proxy', state: { running: {} } }] }, true],
    ["Argo's supervisor", { containerStatuses: [main(ended), { name: 'supervisor', state: { running: {} } }] }, false],
    [
      'a native sidecar, which the kubelet ends',
      {
        containerStatuses: [main(ended)],
        initContainerStatuses: [{ name: 'istio-proxy', state: { running: {} } }],
      },
      false,
    ],
    [
      'a sidecar while the work goes on',
      { containerStatuses: [main({ running: {} }), { name: 'istio-proxy', state: { running: {} } }] },
      false,
    ],
  ])('is a sidecar that does not end, named after 30 s: %s', (_, status, isOne) => {
    const problem = problemOf(symptomsOf(evidence({ pod: pod({ phase: 'Running', ...status }) })), PLACE);
    expect(problem?.code).toBe(isOne ? 'sidecar-running' : undefined);
    if (isOne)
      expect(problem).toMatchObject({ patienceMs: 30_000, sentence: expect.stringContaining('linkerd-proxy') });
  });
});

describe('a pod that can never start', () => {
  const quota = (requested: string, used: string, limited: string) =>
    said(`pods "x" is forbidden: exceeded quota: q, requested: ${requested}, used: ${used}, limited: ${limited}`);
  const nodes = (count: number, reasons: string, helpless = count) =>
    `0/${count} nodes are available: ${reasons}. ${
      helpless === count
        ? `preemption: 0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`
        : `preemption: 0/${count} nodes are available: ${count - helpless} No preemption victims found for incoming pod, ${helpless} Preemption is not helpful for scheduling.`
    }`;
  const noNode = (...given: Parameters<typeof nodes>) => scheduled('Unschedulable', nodes(...given));
  const withEvent = (known: Evidence, reason: string) => ({ ...known, events: [event(reason, 'x', 'Normal')] });
  const GPU = 'node(s) had untolerated taint {nvidia.com/gpu: present}';

  it.each([
    ['a quota of no pods', quota('pods=1', 'pods=0', 'pods=0')],
    ['a quota of less memory than it asks for', quota('limits.memory=768Mi', 'limits.memory=0', 'limits.memory=0.5Gi')],
    [
      'a quota of which one resource is too small',
      quota(
        'limits.memory=768Mi,requests.cpu=100m',
        'limits.memory=1Gi,requests.cpu=0',
        'limits.memory=1Gi,requests.cpu=50m',
      ),
    ],
    ['a taint of all nodes', noNode(2, `2 ${GPU}`)],
    [
      'a taint, in the words of before 1.24',
      noNode(1, "1 node(s) had taint {team: blue}, that the pod didn't tolerate"),
    ],
    ['a selector that no node has', noNode(3, "3 node(s) didn't match Pod's node affinity/selector")],
    [
      'nodes that are too small, or tainted',
      noNode(3, '1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient memory'),
    ],
    [
      'nodes, with what the scheduler says of claims',
      scheduled(
        'Unschedulable',
        '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
      ),
    ],
    ['taints that the scheduler does not name', noNode(1, '1 node(s) had untolerated taint(s)')],
    ['an image whose name is invalid', waiting('InvalidImageName')],
  ])('is shown by %s', (_, known) => {
    expect(problemOf(symptomsOf(known), PLACE)?.endsAfterMs).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ['a quota that others use up', quota('limits.memory=768Mi', 'limits.memory=1Gi', 'limits.memory=1Gi')],
    [
      'a quota with a quantity that is not understood',
      quota('limits.memory=1Ei', 'limits.memory=0', 'limits.memory=1Pi'),
    ],
    ['a quota of which nothing is said', said('pods "x" is forbidden: exceeded quota: q')],
    ['nodes on which others leave room', noNode(1, '1 Insufficient memory', 0)],
    ['nodes of which one has room later', noNode(2, `1 Insufficient cpu, 1 ${GPU}`, 1)],
    ['a node that is not ready yet', noNode(1, '1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }')],
    ['a node whose network is not up', noNode(1, '1 node(s) had untolerated taint {node.cilium.io/agent-not-ready: }')],
    ['a node that is cordoned', noNode(2, `1 ${GPU}, 1 node(s) were unschedulable`)],
    ['a cluster without nodes', scheduled('Unschedulable', 'no nodes available to schedule pods')],
    ['the cluster autoscaler, which adds a node', withEvent(noNode(1, `1 ${GPU}`), 'TriggeredScaleUp')],
    ['Karpenter, which adds a node', withEvent(noNode(1, `1 ${GPU}`), 'Nominated')],
  ])('is not shown by %s: what it waits for is said', (_, known) => {
    expect(problemOf(symptomsOf(known), PLACE)).toMatchObject({ endsAfterMs: undefined, until: expect.any(String) });
  });
});
