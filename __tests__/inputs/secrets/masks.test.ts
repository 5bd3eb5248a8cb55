import { formsOf, secretsIn } from '../../../src/inputs/secrets/masks.ts';
import { given } from '../../action/given.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

it('a secret is masked as a whole, line by line and in base64', () => {
  expect(formsOf('one\r\n\n  two\n')).toEqual(['one\r\n\n  two\n', 'one', 'two', base64('one\r\n\n  two\n')]);
  expect(formsOf('single')).toEqual(['single', base64('single')]);
  expect(formsOf('')).toEqual([]);
});

describe('the secrets to mask', () => {
  it('are those of inputs and variables, whatever their length, used or not', () => {
    const inputs = { 'mysql-admin-password': 'a', 'github-token': 'ghs_token', 'api-token': 'ghs_api' };
    const variables = {
      LAUNCHPAD_MYSQL_ADMIN_PASSWORD: 'shadowed',
      LAUNCHPAD_MYSQL_ROOT_PASSWORD: ' older ',
      LAUNCHPAD_MYSQL_ADMIN_USER: 'root',
      LAUNCHPAD_STORAGE_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      LAUNCHPAD_DIGITALOCEAN_TOKEN: 'dop_v1_token',
      LAUNCHPAD_ATLAS_PRIVATE_KEY: 'atlas-private',
      LAUNCHPAD_MONGODB_ADMIN_PASSWORD: '',
    };
    expect(secretsIn(given({ inputs, variables })).sort()).toEqual(
      [
        'a',
        'shadowed',
        'older',
        'ghs_token',
        'ghs_api',
        base64('x-access-token:ghs_token'),
        'AKIAEXAMPLE',
        'dop_v1_token',
        'atlas-private',
      ].sort(),
    );
  });

  it('include what is inside of the registry credentials, and credentials that are no such', () => {
    const secrets = (value: string) => secretsIn(given({ inputs: { 'docker-registry-credentials': value } }));
    expect(secrets(base64('bot:hunter2\n'))).toEqual([base64('bot:hunter2\n'), base64('bot:hunter2'), 'hunter2']);
    expect(secrets('bot:hunter2')).toEqual(['bot:hunter2']);
  });

  it("include a proxy's password", () => {
    const secrets = secretsIn(given({ variables: { https_proxy: 'http://bot:p%40ss@proxy:3128' } }));
    expect(secrets).toEqual(['p%40ss', 'p@ss']);
  });

  it('are of a kubeconfig the secrets in it, and not its every line', () => {
    const kubeconfig = `
apiVersion: v1
users:
- name: plain
  user: { token: token-1, tokenFile: /var/run/token, password: password-1, client-key-data: key-1 }
- name: plugin
  user:
    exec:
      command: aws
      env: [{ name: AWS_SECRET_ACCESS_KEY, value: secret-1 }, { name: AWS_PROFILE, value: production }]
- name: provider
  user: { auth-provider: { name: oidc, config: { client-secret: secret-2, id-token: token-2, idp-issuer-url: 'https://a' } } }
`;
    const found = ['token-1', 'password-1', 'key-1', 'secret-1', 'secret-2', 'token-2'];
    expect(secretsIn(given({ inputs: { kubeconfig } }))).toEqual(found);
    expect(secretsIn(given({ inputs: { kubeconfig: base64(kubeconfig) } }))).toEqual([base64(kubeconfig), ...found]);
    expect(secretsIn(given({ inputs: { kubeconfig: 'users: [' } }))).toEqual([]);
  });
});
