/* The names and words of states, for programs and people. */
#include <ic/meeting/json.h>

const char *ic_meeting_state_name(enum ic_meeting_state s)
{
    static const char *const names[] = {"",        "connecting",   "waiting_host", "in_lobby",
                                        "e2ee",    "e2ee_compare", "updating",     "reconnecting",
                                        "cut_off", "over"};
    return (size_t)s < sizeof names / sizeof names[0] ? names[s] : "";
}

const char *ic_meeting_state_words(enum ic_meeting_state s)
{
    switch (s) {
    case IC_MEETING_CONNECTING:
        return "Connecting";
    case IC_MEETING_WAITING_HOST:
        return "Waiting for the host to open the room";
    case IC_MEETING_IN_LOBBY:
        return "Waiting to be let in";
    case IC_MEETING_E2EE:
        return "End-to-end encrypted";
    case IC_MEETING_COMPARE:
        return "End-to-end encrypted; compare the code";
    case IC_MEETING_UPDATING:
        return "Updating keys";
    case IC_MEETING_RECONNECTING:
        return "Reconnecting";
    case IC_MEETING_CUT_OFF:
        return "Cut off: nothing is sent until the group answers";
    case IC_MEETING_OVER:
        return "The meeting is over";
    }
    return "";
}

const char *ic_meeting_identity_name(uint8_t identity)
{
    return identity == IC_MEETING_EXTERNAL   ? "external"
           : identity == IC_MEETING_INTERNAL ? "internal"
                                             : "unverified";
}
