import { createDocuments } from '../../src/backends/embedded/documents.ts';
import { embeddedSearch } from '../../src/backends/embedded/search.ts';
import { SEARCH_MAPPING, searchContract } from './support/search-contract.ts';

searchContract('documents in memory', async () => {
  const documents = createDocuments({ mapping: SEARCH_MAPPING });
  return {
    search: embeddedSearch(documents),
    index: async (sources) => {
      documents.add(sources.map((source) => ({ source, index: 'contract-1' })));
      return 'contract-1';
    },
    dispose: async () => {},
  };
});
