import { hostedRepository } from '../../src/command-line/clone.ts';
import { hostedAt } from '../../src/inputs/remote-url.ts';
import { messageThrownBy } from '../action/given.ts';

const hosted = (serverUrl: string, host: string, owner = 'example-org', name = 'cluster') => ({
  serverUrl,
  host,
  owner,
  name,
});

describe('where a remote is hosted', () => {
  it.each([
    ['https://github.com/example-org/cluster.git', 'https://github.com', 'github.com'],
    ['https://github.com/example-org/cluster/', 'https://github.com', 'github.com'],
    ['https://ada:secret@github.com/example-org/cluster', 'https://github.com', 'github.com'],
    ['https://ghe.example.org:8443/example-org/cluster.git', 'https://ghe.example.org:8443', 'ghe.example.org'],
    ['git@github.com:example-org/cluster.git', 'https://github.com', 'github.com'],
    ['github.com:example-org/cluster', 'https://github.com', 'github.com'],
    ['git@ghe.example.org:/example-org/cluster.git', 'https://ghe.example.org', 'ghe.example.org'],
    ['ssh://git@github.com/example-org/cluster.git', 'https://github.com', 'github.com'],
    ['ssh://git@ssh.github.com:443/example-org/cluster.git', 'https://github.com', 'github.com'],
    ['ssh://git@ghe.example.org:2222/example-org/cluster.git', 'https://ghe.example.org', 'ghe.example.org'],
    ['http://127.0.0.1:4711/example-org/cluster.git', 'http://127.0.0.1:4711', '127.0.0.1'],
  ])('is read from %s', (url, serverUrl, host) => {
    expect(hostedAt(url)).toEqual(hosted(serverUrl, host));
  });

  it('may be in groups within groups', () => {
    expect(hostedAt('git@gitlab.example.org:teams/learning/cluster.git')).toMatchObject({ owner: 'teams/learning' });
  });

  it.each(['/srv/git/cluster.git', '../cluster', 'file:///srv/git/cluster.git', 'C:\\git\\cluster', 'C:/git/cluster'])(
    'is not known of %s, unless the URL for Argo CD tells',
    (url) => {
      expect(hostedAt(url)).toBeUndefined();
      expect(messageThrownBy(() => hostedRepository(url, undefined))).toContain('not clear by which URL Argo CD reads');
      expect(hostedRepository(url, 'git@github.com:example-org/cluster.git')).toEqual(
        hosted('https://github.com', 'github.com'),
      );
    },
  );

  it('needs that URL too where a repository has no owner', () => {
    const url = 'git@git.example.org:cluster.git';
    expect(messageThrownBy(() => hostedRepository(url, undefined))).toContain('not clear');
    expect(hostedRepository(url, url)).toEqual(hosted('https://git.example.org', 'git.example.org', ''));
  });

  it('is asked for without a password of the remote', () => {
    expect(messageThrownBy(() => hostedRepository('https://ada:hunter2@example.org/', undefined))).not.toContain(
      'hunter2',
    );
  });
});
