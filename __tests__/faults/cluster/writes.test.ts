import { WRITES } from '../cases/cluster.ts';
import { testFaults } from '../run-case.ts';

await testFaults(WRITES);
