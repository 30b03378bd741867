/// The MySQL/MariaDB driver: the table of functions that hosts call.
#pragma once

#include "driver/driver.h"

extern const lun_driver LUN_MYSQL;
