import { domain, endpointUrl, host, hostAndPort, mongodbHost } from '../../../src/inputs/values/hosts.ts';
import { messageThrownBy } from '../../action/given.ts';

describe('a host', () => {
  it.each(['mysql', 'mysql.cluster.domain', 'db-1.example.org', '10.0.0.7', '::1', 'fd00::7'])('may be %s', (text) => {
    expect(host(text)).toBe(text);
  });

  it.each([
    ['https://db.example.org', 'did you mean "db.example.org"?'],
    ['db.example.org:3306', 'did you mean "db.example.org"? (port 3306 has a setting of its own)'],
    ['[::1]', 'did you mean "::1"?'],
    ['mysql://root:hunter2@db.example.org:3306/x', 'did you mean "db.example.org"?'],
    ['db.example.org/', 'did you mean "db.example.org"?'],
    ['mongo-0.example.org,mongo-1.example.org', 'one host is enough'],
    ['256.1.1.1', 'is not a host'],
    ['db_1', 'is not a host'],
    ['-db', 'is not a host'],
    ['db example', 'is not a host'],
    [`${'a'.repeat(64)}.example.org`, 'is not a host'],
  ])('is not %s', (text, message) => {
    expect(() => host(text)).toThrow(message);
  });
});

describe('a host with a port', () => {
  it.each(['ghcr.io', 'registry.example.org:5000', '127.0.0.1:5000', '[::1]:5000', 'localhost'])(
    'may be %s',
    (text) => {
      expect(hostAndPort(text)).toBe(text);
    },
  );

  it.each([
    ['https://ghcr.io', 'did you mean "ghcr.io"?'],
    ['https://index.docker.io/v1/', 'did you mean "index.docker.io"?'],
    ['ghcr.io/org', 'did you mean "ghcr.io"?'],
    ['ghcr.io:99999', 'is not a host'],
    ['ghcr.io?', 'did you mean "ghcr.io"?'],
  ])('is not %s', (text, message) => {
    expect(() => hostAndPort(text)).toThrow(message);
  });
});

describe('a domain', () => {
  it.each(['example.org', 'apps.example.org', 'localhost'])('may be %s', (text) => {
    expect(domain(text)).toBe(text);
  });

  it.each([
    ['*.example.org', 'did you mean "example.org"?'],
    ['.example.org', 'did you mean "example.org"?'],
    ['https://example.org/', 'did you mean "example.org"?'],
    ['10.0.0.7', 'is not a domain'],
    ['exa mple.org', 'is not a domain'],
  ])('is not %s', (text, message) => {
    expect(() => domain(text)).toThrow(message);
  });
});

describe('an endpoint', () => {
  it.each([
    ['https://s3.example.org', 'https://s3.example.org'],
    ['https://s3.example.org/', 'https://s3.example.org'],
    ['http://minio:9000', 'http://minio:9000'],
    ['s3.example.org', 'https://s3.example.org'],
    ['minio:9000', 'https://minio:9000'],
    ['HTTPS://S3.Example.org', 'https://s3.example.org'],
    ['http://127.0.0.1:9000', 'http://127.0.0.1:9000'],
    ['http://[::1]:9000', 'http://[::1]:9000'],
  ])('%s means %s', (text, url) => {
    expect(endpointUrl(text)).toBe(url);
  });

  it.each([
    ['https://s3.example.org/bucket', 'did you mean "https://s3.example.org"?'],
    ['https://s3.example.org?x=1', 'did you mean "https://s3.example.org"?'],
    ['https://key:secret@s3.example.org', 'did you mean "https://s3.example.org"?'],
    ['s3://bucket', 'is not an endpoint'],
    ['https://', 'is not an endpoint'],
    ['not an endpoint', 'is not an endpoint'],
  ])('is not %s', (text, message) => {
    expect(() => endpointUrl(text)).toThrow(message);
  });

  it('is refused without a word of the password in it', () => {
    expect(messageThrownBy(() => endpointUrl('https://key:hunter2@s3.example.org'))).not.toContain('hunter2');
  });
});

it.each([
  ['db.example.org', 'db.example.org'],
  ['mongodb+srv://db.example.org', 'mongodb+srv://db.example.org'],
  ['mongodb+srv://db.example.org/', 'mongodb+srv://db.example.org'],
])('takes the MongoDB host %s', (text, value) => {
  expect(mongodbHost(text)).toBe(value);
});

it.each([
  'mongodb+srv://user:hidden-password@db.example.org',
  'mongodb+srv://db.example.org:27017',
  'mongodb+srv://db.example.org/?tls=true',
  'mongodb+srv://',
])('refuses the MongoDB host %s', (text) => {
  expect(() => mongodbHost(text)).toThrow('is not a host');
});
