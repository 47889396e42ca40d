/** Shows the last known figures before the rest of the page is loaded. */
import { get } from './api.js';
import { showHealth, showUnknown } from './status.js';

try {
  showHealth(await get('api/sync/health', { known: true }));
} catch (error) {
  showUnknown(error);
}
