#include <ic/together/kinds.h>

const char *ic_together_kind_name(uint16_t kind)
{
    switch ((enum ic_together_kind)kind) {
    case IC_TOGETHER_LINE:
        return "line";
    case IC_TOGETHER_MARK:
        return "mark";
    case IC_TOGETHER_STATUS:
        return "status";
    case IC_TOGETHER_MUTE:
        return "mute";
    case IC_TOGETHER_REACTION:
        return "reaction";
    case IC_TOGETHER_RECORDING:
        return "recording";
    case IC_TOGETHER_HEADS:
        return "heads";
    case IC_TOGETHER_BOARD_OP:
        return "board-op";
    case IC_TOGETHER_BOARD_ASK:
        return "board-ask";
    case IC_TOGETHER_BOARD_PIECE:
        return "board-piece";
    case IC_TOGETHER_ANNOTATION:
        return "annotation";
    case IC_TOGETHER_CONTROL_REQUEST:
        return "control-request";
    case IC_TOGETHER_CONTROL_GRANT:
        return "control-grant";
    case IC_TOGETHER_CONTROL_REVOKE:
        return "control-revoke";
    case IC_TOGETHER_CONTROL_INPUT:
        return "control-input";
    case IC_TOGETHER_FILE:
        return "file";
    case IC_TOGETHER_FILE_WITHDRAWN:
        return "file-withdrawn";
    }
    return "";
}
