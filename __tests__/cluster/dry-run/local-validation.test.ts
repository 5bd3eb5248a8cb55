import { validateLocally } from '../../../src/cluster/dry-run/local-validation.ts';
import type { KubeObject } from '../../../src/cluster/objects/objects.ts';

const object = (kind: string, name: string, fields: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'school' },
  ...fields,
});
const template = object('WorkflowTemplate', 't', {
  spec: { arguments: { parameters: [{ name: 'host' }, { name: 'image', value: 'node' }] } },
});
const workflow = (...given: string[]) =>
  object('Workflow', 'w', {
    spec: {
      workflowTemplateRef: { name: 't' },
      arguments: { parameters: given.map((name) => ({ name, value: 'x' })) },
    },
  });

describe('what cannot be asked of the API server yet', () => {
  it('is let pass where it is right', () => {
    const secret = object('Secret', 's', { stringData: { a: 'x' } });
    expect(() => validateLocally([template, workflow('host'), secret])).not.toThrow();
  });

  it.each([
    ['a name', [object('Secret', 'No_Name')], 'Secret No_Name: the name is no DNS name'],
    ['a long name of a Workflow', [object('Workflow', 'w'.repeat(64)), template], 'of at most 63 characters'],
    [
      'a label',
      [{ ...object('Secret', 's'), metadata: { name: 's', labels: { run: 'not a value' } } }],
      'Secret s: the value of label run is not valid',
    ],
    ['a size', [object('ConfigMap', 'c', { data: { a: 'x'.repeat(1_048_577) } })], '1048577 bytes of data'],
    ['a parameter', [template, workflow('port')], 'Workflow w: parameter host is not given'],
    ['a template', [workflow('host')], 'Workflow w: there is no WorkflowTemplate t'],
  ])('is refused for %s', (_, objects, message) => {
    expect(() => validateLocally(objects)).toThrow(
      expect.objectContaining({ code: 'object-invalid', message: expect.stringContaining(message) }),
    );
  });
});
