/* The one place that knows all services. They see what leaves in this order: the lobby tells hosts, delivery
 * counts reports, media is cut, and presence at last takes the leaf. */
#include "delivery/delivery.h"
#include "files/files.h"
#include "lobby/lobby.h"
#include "media/media.h"
#include "meetings/meetings.h"
#include "presence/presence.h"

#include <icd/services.h>

void icd_services_register(struct icd_core *core)
{
    icd_meetings_register(core);
    icd_lobby_register(core);
    icd_delivery_register(core);
    icd_media_register(core);
    icd_files_register(core);
    icd_presence_register(core);
}
