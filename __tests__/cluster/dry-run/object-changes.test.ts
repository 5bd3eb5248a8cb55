import { changedFields } from '../../../src/cluster/dry-run/object-changes.ts';

const object = (metadata: object, fields: object = {}) => ({ apiVersion: 'v1', kind: 'Secret', metadata, ...fields });

describe('the fields that an apply would change', () => {
  it('are told by their paths, and never by their values', () => {
    const before = object(
      { name: 's', labels: { a: '1' } },
      { data: { password: 'b2xk' }, rules: [{ verbs: ['get'] }] },
    );
    const after = object(
      { name: 's', labels: { a: '1', 'launchpad-provision/instance': 's' } },
      { data: { password: 'bmV3', '.dockerconfigjson': 'e30=' }, rules: [{ verbs: ['patch'] }], type: 'Opaque' },
    );
    expect(changedFields(before, after)).toEqual([
      'data.password',
      'data[".dockerconfigjson"]',
      'rules[0].verbs[0]',
      'metadata.labels["launchpad-provision/instance"]',
      'type',
    ]);
  });

  it('are a list as a whole where it grows or shrinks, and a field that goes', () => {
    const before = object({ name: 's' }, { list: [1], gone: { a: 1 } });
    expect(changedFields(before, object({ name: 's' }, { list: [1, 2] }))).toEqual(['list', 'gone']);
  });

  it('are none where only the API server or a controller wrote something', () => {
    const before = object({ name: 's', resourceVersion: '1', generation: 1, managedFields: [] }, { status: { a: 1 } });
    const after = object(
      { name: 's', resourceVersion: '2', generation: 2, managedFields: [{ manager: 'x' }] },
      { status: { a: 2 }, operation: {} },
    );
    expect(changedFields(before, after)).toEqual([]);
  });
});
