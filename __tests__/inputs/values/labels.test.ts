import {
  annotationsOf,
  labels,
  labelsOf,
  labelValue,
  podResources,
  podResourcesOf,
} from '../../../src/inputs/values/lists.ts';

describe('labels', () => {
  it('are taken one a line or between commas', () => {
    const text = labels('team=courses, example.org/cost-center = 12\npolicy=');
    expect(labelsOf(text)).toEqual({ team: 'courses', 'example.org/cost-center': '12', policy: '' });
    expect(labelsOf(undefined)).toEqual({});
  });

  it.each(['team', 'team courses', '=x', '-a=x', 'a/b/c=x', 'team=a b', `team=${'x'.repeat(64)}`, 'team=-'])(
    'are refused where Kubernetes would refuse them: %s',
    (value) => {
      expect(() => labels(value)).toThrow(/key=value|that Kubernetes does not take/);
    },
  );

  it.each(['launchpad-provision/instance=x', 'workflows.argoproj.io/workflow=x', 'kubernetes.io/metadata.name=x'])(
    'are refused where the action or the cluster sets them: %s',
    (value) => {
      expect(() => labels(value)).toThrow('leave it out');
    },
  );
});

it('annotations have any text, commas and equals signs too', () => {
  expect(annotationsOf('example.org/owner=a, b\nexample.org/query=x=1')).toEqual({
    'example.org/owner': 'a, b',
    'example.org/query': 'x=1',
  });
});

it("an instance ID is a label's value", () => {
  expect(labelValue('team-a')).toBe('team-a');
  expect(() => labelValue('team a')).toThrow('is not the value of a label');
});

describe('resources of pods', () => {
  it('are taken one a line or between commas, with the defaults for the rest', () => {
    const value = podResources('limits.cpu=500m, requests.memory = 128Mi\nlimits.ephemeral-storage=1Gi');
    expect(podResourcesOf(value)).toEqual({
      requests: { cpu: '50m', memory: '128Mi' },
      limits: { cpu: '500m', memory: '384Mi', 'ephemeral-storage': '1Gi' },
    });
    expect(podResourcesOf(undefined)).toBeUndefined();
  });

  it.each([
    'cpu=500m',
    'limit.cpu=1',
    'limits.cpu',
    'limits.cpu=',
    'limits.cpu=half',
    'limits.memory=1GB',
    'limits.=1',
  ])('are refused where Kubernetes would refuse them: %s', (value) => {
    expect(() => podResources(value)).toThrow(`has "${value}": give requests.<resource>=<quantity>`);
  });

  it('are refused where a request is above its limit', () => {
    expect(() => podResources('requests.cpu=1,limits.cpu=500m')).toThrow(
      'has a request of 1 cpu, which is above the limit of 500m',
    );
  });
});
