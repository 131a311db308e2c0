// Contacts hang themselves on: after "the codes match" a line over the room offers to remember who was compared.
import { registerBanner, registerFeature } from '../room/registry';
import { follow, OfferBanner } from './offer';

registerFeature({ id: 'contacts', start: follow });
registerBanner({ id: 'contacts', order: 10, component: OfferBanner });
