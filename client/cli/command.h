/* The subcommands of incamera: each takes what stands behind its name and returns the exit status. */
#ifndef ICC_CLI_COMMAND_H
#define ICC_CLI_COMMAND_H

int icc_command_join(int argc, char **argv);
int icc_command_meeting(int argc, char **argv);
int icc_command_identity(int argc, char **argv);
int icc_command_web(int argc, char **argv);
int icc_command_admin(int argc, char **argv);
int icc_command_crypto(int argc, char **argv);

#endif
