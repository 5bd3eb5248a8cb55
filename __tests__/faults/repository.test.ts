import { REPOSITORY } from './cases/repository.ts';
import { testFaults } from './run-case.ts';

await testFaults(REPOSITORY);
