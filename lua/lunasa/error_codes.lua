--- MySQL's and MariaDB's error numbers: which class each belongs to, and what may be done about it.
---
--- Numbers, names and SQLSTATEs are those of the MySQL Error Message Reference (server and client
--- errors) and of the MariaDB Error Code Reference; the two disagree from 4000 on, so up there the
--- SQLSTATE decides. Classes are what PyMySQL publishes, and where it says nothing, what PEP 249
--- asks for. A number listed nowhere gets its class from the SQLSTATE that came with it.
local codes = {}

-- stylua: ignore
local BY_CLASS = {
  ProgrammingError = {
    ER_DB_CREATE_EXISTS = 1007, ER_DB_DROP_EXISTS = 1008, ER_NON_UNIQ_ERROR = 1052,
    ER_PARSE_ERROR = 1064, ER_WRONG_DB_NAME = 1102, ER_WRONG_TABLE_NAME = 1103,
    ER_FIELD_SPECIFIED_TWICE = 1110, ER_INVALID_GROUP_FUNC_USE = 1111,
    ER_UNSUPPORTED_EXTENSION = 1112, ER_TABLE_MUST_HAVE_COLUMNS = 1113, ER_NO_SUCH_TABLE = 1146,
    ER_SYNTAX_ERROR = 1149, ER_WRONG_COLUMN_NAME = 1166,
    ER_CANT_DO_THIS_DURING_AN_TRANSACTION = 1179, ER_UNKNOWN_SYSTEM_VARIABLE = 1193,
    ER_WRONG_ARGUMENTS = 1210, ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT = 1222,
    ER_UNKNOWN_STMT_HANDLER = 1243, ER_CANT_AGGREGATE_2COLLATIONS = 1267,
    ER_UNKNOWN_COLLATION = 1273, ER_NON_UPDATABLE_TABLE = 1288, ER_UNKNOWN_TIME_ZONE = 1298,
    ER_VIEW_INVALID = 1356, ER_PS_MANY_PARAM = 1390, ER_CANNOT_USER = 1396, ER_NO_SUCH_USER = 1449,
    ER_DROP_INDEX_FK = 1553, ER_CANT_CHANGE_TX_CHARACTERISTICS = 1568,
    ER_LOAD_DATA_INVALID_COLUMN = 1611, ER_VARIABLE_IS_READONLY = 1621, CR_NO_PREPARE_STMT = 2030,
    CR_PARAMS_NOT_BOUND = 2031, CR_INVALID_PARAMETER_NO = 2034, CR_UNSUPPORTED_PARAM_TYPE = 2036,
    ER_ILLEGAL_USER_VAR = 3061, ER_FIELD_IN_ORDER_NOT_SELECT = 3065, ER_USER_DOES_NOT_EXIST = 3162,
    ER_USER_ALREADY_EXISTS = 3163, ER_INVALID_NO_OF_ARGS = 3601,
    ER_MULTIPLE_CONSTRAINTS_WITH_SAME_NAME = 3939, ER_CONSTRAINT_NOT_FOUND = 3940,
  },
  DataError = {
    ER_PRIMARY_CANT_HAVE_NULL = 1171, ER_NO_DEFAULT = 1230, ER_WARN_TOO_FEW_RECORDS = 1261,
    ER_WARN_TOO_MANY_RECORDS = 1262, ER_WARN_NULL_TO_NOTNULL = 1263,
    ER_WARN_DATA_OUT_OF_RANGE = 1264, WARN_DATA_TRUNCATED = 1265,
    ER_INVALID_CHARACTER_STRING = 1300, ER_TRUNCATED_WRONG_VALUE_FOR_FIELD = 1366,
    ER_ILLEGAL_VALUE_FOR_TYPE = 1367, ER_DATA_TOO_LONG = 1406, ER_WRONG_VALUE_FOR_TYPE = 1411,
    ER_DATETIME_FUNCTION_OVERFLOW = 1441, ER_WRONG_VALUE = 1525,
    ER_NO_PARTITION_FOR_GIVEN_VALUE = 1526, ER_DATA_OUT_OF_RANGE = 1690, ER_VALUE_TOO_LONG = 1742,
    ER_WRONG_SRID_FOR_COLUMN = 3643, ER_JT_VALUE_OUT_OF_RANGE = 3669,
  },
  IntegrityError = {
    ER_DUP_KEY = 1022, ER_BAD_NULL_ERROR = 1048, ER_DUP_ENTRY = 1062, ER_DUP_UNIQUE = 1169,
    ER_CANNOT_ADD_FOREIGN = 1215, ER_NO_REFERENCED_ROW = 1216, ER_ROW_IS_REFERENCED = 1217,
    ER_NO_DEFAULT_FOR_FIELD = 1364, ER_VIEW_CHECK_FAILED = 1369,
    ER_NO_DEFAULT_FOR_VIEW_FIELD = 1423, ER_ROW_IS_REFERENCED_2 = 1451,
    ER_NO_REFERENCED_ROW_2 = 1452, ER_DUP_ENTRY_AUTOINCREMENT_CASE = 1569,
    ER_DUP_ENTRY_WITH_KEY_NAME = 1586, ER_TRUNCATE_ILLEGAL_FK = 1701,
    ER_FOREIGN_DUPLICATE_KEY_WITH_CHILD_INFO = 1761,
    ER_FOREIGN_DUPLICATE_KEY_WITHOUT_CHILD_INFO = 1762, ER_FK_CANNOT_DELETE_PARENT = 1834,
    ER_DUP_UNKNOWN_IN_INDEX = 1859, ER_BAD_NULL_ERROR_NOT_IGNORED = 3673,
    ER_FK_CANNOT_DROP_PARENT = 3730, ER_CHECK_CONSTRAINT_VIOLATED = 3819,
  },
  NotSupportedError = {
    ER_ILLEGAL_HA = 1031, ER_NOT_ALLOWED_COMMAND = 1148, ER_TABLE_CANT_HANDLE_BLOB = 1163,
    ER_TABLE_CANT_HANDLE_AUTO_INCREMENT = 1164, ER_CHECK_NOT_IMPLEMENTED = 1178,
    ER_WARNING_NOT_COMPLETE_ROLLBACK = 1196, ER_TABLE_CANT_HANDLE_FT = 1214,
    ER_NOT_SUPPORTED_YET = 1235, ER_UNKNOWN_STORAGE_ENGINE = 1286, ER_FEATURE_DISABLED = 1289,
    ER_UNSUPPORTED_PS = 1295, ER_ALTER_OPERATION_NOT_SUPPORTED = 1845,
    ER_ALTER_OPERATION_NOT_SUPPORTED_REASON = 1846, CR_NOT_IMPLEMENTED = 2054,
    ER_FEATURE_DISABLED_SEE_DOC = 3167, ER_CLIENT_LOCAL_FILES_DISABLED = 3948,
  },
  InternalError = {
    ER_INTERNAL_ERROR = 1815, CR_MALFORMED_PACKET = 2027,
  },
  OperationalError = {
    ER_CON_COUNT_ERROR = 1040, ER_DBACCESS_DENIED_ERROR = 1044, ER_ACCESS_DENIED_ERROR = 1045,
    ER_BAD_DB_ERROR = 1049, ER_TOO_BIG_SELECT = 1104, ER_PASSWORD_ANONYMOUS_USER = 1131,
    ER_PASSWORD_NOT_ALLOWED = 1132, ER_PASSWORD_NO_MATCH = 1133, ER_NONEXISTING_GRANT = 1141,
    ER_TABLEACCESS_DENIED_ERROR = 1142, ER_COLUMNACCESS_DENIED_ERROR = 1143,
    ER_NONEXISTING_TABLE_GRANT = 1147, ER_TOO_LONG_STRING = 1162,
    ER_TOO_MANY_USER_CONNECTIONS = 1203, ER_NO_PERMISSION_TO_CREATE_USER = 1211,
    ER_LOCK_DEADLOCK = 1213, ER_USER_LIMIT_REACHED = 1226, ER_SPECIFIC_ACCESS_DENIED_ERROR = 1227,
    ER_PROCACCESS_DENIED_ERROR = 1370, ER_NONEXISTING_PROC_GRANT = 1403,
    ER_CANT_CREATE_USER_WITH_GRANT = 1410, ER_MAX_PREPARED_STMT_COUNT_REACHED = 1461,
    CR_UNKNOWN_ERROR = 2000, CR_SOCKET_CREATE_ERROR = 2001, CR_CONNECTION_ERROR = 2002,
    CR_CONN_HOST_ERROR = 2003, CR_UNKNOWN_HOST = 2005, CR_SERVER_GONE_ERROR = 2006,
    CR_OUT_OF_MEMORY = 2008, CR_SERVER_HANDSHAKE_ERR = 2012, CR_SERVER_LOST = 2013,
    CR_COMMANDS_OUT_OF_SYNC = 2014, CR_NET_PACKET_TOO_LARGE = 2020, CR_SSL_CONNECTION_ERROR = 2026,
    CR_SERVER_LOST_EXTENDED = 2055, CR_AUTH_PLUGIN_CANNOT_LOAD = 2059, CR_AUTH_PLUGIN_ERR = 2061,
    CR_LOAD_DATA_LOCAL_INFILE_REJECTED = 2068,
  },
  TimeoutError = {
    ER_STATEMENT_TIMEOUT = 1969, ER_QUERY_TIMEOUT = 3024,
  },
}

--- The same for numbers whose names nobody writes.
-- stylua: ignore
local UNNAMED = {
  ProgrammingError = {
    1096, 1221, 1228, 1229, 1232, 1233, 1238, 1240, 1245, 1250, 1270, 1271, 1272, 1283, 1291, 1293,
    1294, 1357, 1391, 1421, 1422, 1424, 1435, 1462, 1470, 1471, 1473, 1476, 1477, 1524, 1537, 1539,
    1550, 1551, 1564, 1578, 1641, 1645, 1646, 1649, 1691, 1697, 1706, 1709, 1764, 1765, 1766, 1791,
    1800, 1801, 1838, 1911, 1912, 1933, 1959, 1965, 3012, 3025, 3026, 3028, 3029, 3064, 3066, 3087,
    3088, 3119, 3128, 3522, 3523, 3530, 3550, 3566, 3568, 3569, 3602, 3615, 3667, 3668, 3837, 3855,
    3887, 3900, 3902, 3953, 3954, 3959,
  },
  DataError = {
    1591, 1737, 1748, 1863, 1977, 3033, 3854, 3903, 3908, 3934, 6136, 6137, 6138,
  },
  NotSupportedError = {
    1464, 1478, 1506, 1616, 1726, 1757, 1970, 1971, 3060, 3103, 3161, 3178, 3500, 3502, 3618, 3658,
    3690, 3704, 3705, 3999,
  },
}

--- Names that users know although their class is the default or comes from the SQLSTATE.
-- stylua: ignore
local OTHER_NAMES = {
  ER_CHECKREAD = 1020, ER_OUTOFMEMORY = 1037, ER_OUT_OF_RESOURCES = 1041,
  ER_BAD_HOST_ERROR = 1042, ER_HANDSHAKE_ERROR = 1043, ER_NO_DB_ERROR = 1046,
  ER_UNKNOWN_COM_ERROR = 1047, ER_TABLE_EXISTS_ERROR = 1050, ER_BAD_TABLE_ERROR = 1051,
  ER_SERVER_SHUTDOWN = 1053, ER_BAD_FIELD_ERROR = 1054, ER_DUP_FIELDNAME = 1060,
  ER_DUP_KEYNAME = 1061, ER_EMPTY_QUERY = 1065, ER_NORMAL_SHUTDOWN = 1077,
  ER_SHUTDOWN_COMPLETE = 1079, ER_FORCING_CLOSE = 1080, ER_CANT_DROP_FIELD_OR_KEY = 1091,
  ER_UNKNOWN_ERROR = 1105, ER_RECORD_FILE_FULL = 1114, ER_TOO_BIG_ROWSIZE = 1118,
  ER_HOST_IS_BLOCKED = 1129, ER_HOST_NOT_PRIVILEGED = 1130, ER_WRONG_VALUE_COUNT_ON_ROW = 1136,
  ER_INVALID_USE_OF_NULL = 1138, ER_ABORTING_CONNECTION = 1152, ER_NET_PACKET_TOO_LARGE = 1153,
  ER_NET_READ_ERROR_FROM_PIPE = 1154, ER_NET_FCNTL_ERROR = 1155,
  ER_NET_PACKETS_OUT_OF_ORDER = 1156, ER_NET_UNCOMPRESS_ERROR = 1157, ER_NET_READ_ERROR = 1158,
  ER_NET_READ_INTERRUPTED = 1159, ER_NET_ERROR_ON_WRITE = 1160, ER_NET_WRITE_INTERRUPTED = 1161,
  ER_ERROR_DURING_COMMIT = 1180, ER_NEW_ABORTING_CONNECTION = 1184, ER_LOCK_WAIT_TIMEOUT = 1205,
  ER_LOCK_TABLE_FULL = 1206, ER_READ_ONLY_TRANSACTION = 1207,
  ER_CANT_UPDATE_WITH_READLOCK = 1223, ER_OPERAND_COLUMNS = 1241, ER_SUBQUERY_NO_1_ROW = 1242,
  ER_NOT_SUPPORTED_AUTH_MODE = 1251, ER_OPTION_PREVENTS_STATEMENT = 1290,
  ER_TRUNCATED_WRONG_VALUE = 1292, ER_GET_TEMPORARY_ERRMSG = 1297, ER_SP_DOES_NOT_EXIST = 1305,
  ER_QUERY_INTERRUPTED = 1317, ER_SP_FETCH_NO_DATA = 1329, ER_DIVISION_BY_ZERO = 1365,
  ER_XAER_NOTA = 1397, ER_XAER_INVAL = 1398, ER_XAER_RMFAIL = 1399, ER_XAER_OUTSIDE = 1400,
  ER_XAER_RMERR = 1401, ER_XA_RBROLLBACK = 1402, ER_TABLE_DEF_CHANGED = 1412,
  ER_CANT_CREATE_GEOMETRY_OBJECT = 1416, ER_STACK_OVERRUN_NEED_MORE = 1436, ER_XAER_DUPID = 1440,
  ER_AUTOINC_READ_FAILED = 1467, ER_XA_RBTIMEOUT = 1613, ER_XA_RBDEADLOCK = 1614,
  ER_NEED_REPREPARE = 1615, ER_TOO_MANY_CONCURRENT_TRXS = 1637, ER_SIGNAL_EXCEPTION = 1644,
  ER_LOCK_ABORTED = 1689, ER_ACCESS_DENIED_NO_PASSWORD_ERROR = 1698,
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION = 1792, ER_READ_ONLY_MODE = 1836,
  ER_MUST_CHANGE_PASSWORD_LOGIN = 1862, ER_INNODB_READ_ONLY = 1874, ER_CONNECTION_KILLED = 1927,
  ER_SERVER_OFFLINE_MODE = 3032, ER_USER_LOCK_DEADLOCK = 3058,
  ER_TRANSACTION_ROLLBACK_DURING_COMMIT = 3101, ER_ACCOUNT_HAS_BEEN_LOCKED = 3118,
  ER_LOCKING_SERVICE_DEADLOCK = 3132, ER_LOCKING_SERVICE_TIMEOUT = 3133,
  ER_INVALID_JSON_TEXT = 3140, ER_INVALID_JSON_TEXT_IN_PARAM = 3141, ER_INVALID_JSON_PATH = 3143,
  ER_SECURE_TRANSPORT_REQUIRED = 3159, ER_SERVER_ISNT_AVAILABLE = 3168,
  ER_SESSION_WAS_KILLED = 3169, ER_XA_RETRY = 3197, ER_LOCK_NOWAIT = 3572,
  ER_CTE_MAX_RECURSION_DEPTH = 3636,
  ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK = 3955,
  ER_SCHEMA_READ_ONLY = 3989, ER_CONSTRAINT_FAILED = 4025, ER_CLIENT_INTERACTION_TIMEOUT = 4031,
  ER_SERVER_OFFLINE_MODE_REASON = 6400,
}

--- Whole families of one class, by first and last number.
-- stylua: ignore
local FAMILIES = {
  ProgrammingError = {
    { 1347, 1353 }, { 1393, 1395 }, { 1359, 1363 }, { 1442, 1446 }, -- views, triggers
    { 1479, 1505 }, { 1507, 1517 }, { 1519, 1520 }, { 1652, 1660 }, { 1731, 1736 }, -- partitions
    { 1542, 1544 }, { 3503, 3505 }, -- events, sizes
    { 1821, 1826 }, { 1828, 1833 }, { 3733, 3734 }, { 3780, 3780 }, -- foreign keys
    { 1901, 1908 }, { 3102, 3102 }, { 3104, 3109 }, { 3754, 3774 }, -- generated columns, defaults
    { 3573, 3577 }, { 3579, 3599 }, { 3685, 3689 }, { 3691, 3697 }, -- WITH, windows, patterns
    { 3812, 3818 }, { 3820, 3823 }, { 3939, 3943 }, -- definitions of constraints
  },
  InternalError = { { 3044, 3054 } }, -- C++ exceptions inside the server
}

--- What the first two characters of an SQLSTATE say. The rest is OperationalError.
local BY_SQLSTATE = {
  ["0A"] = "NotSupportedError",
  ["0K"] = "ProgrammingError",
  ["20"] = "ProgrammingError", -- CASE without a match
  ["21"] = "ProgrammingError", -- cardinality
  ["22"] = "DataError",
  ["23"] = "IntegrityError",
  ["24"] = "ProgrammingError", -- cursors of stored programs
  ["2F"] = "ProgrammingError",
  ["35"] = "ProgrammingError",
  ["3D"] = "ProgrammingError", -- no database selected
  ["42"] = "ProgrammingError",
  ["44"] = "IntegrityError", -- WITH CHECK OPTION
  ["SR"] = "ProgrammingError", -- spatial reference systems
}

---@param numbers integer[]
---@return table<integer, true>
local function set_of(numbers)
  local set = {}
  for _, number in ipairs(numbers) do
    set[number] = true
  end
  return set
end

--- The connection is lost, or the server ends it after saying so.
-- stylua: ignore
codes.disconnect = set_of({
  1053, 1077, 1079, 1080, 1152, 1153, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1184, 1927,
  2006, 2012, 2013, 2027, 2055, 3032, 3169, 4031, 6400,
})

--- Time ran out on the server. (1205, a lock wait, is `retryable` instead.)
codes.timeout = set_of({ 1969, 3024 })

--- The same transaction, begun anew, may succeed: deadlocks, lock waits, conflicts of snapshots and
--- of Galera and group replication, a definition changed under the transaction.
-- stylua: ignore
codes.retryable = set_of({
  1020, 1047, 1205, 1213, 1297, 1402, 1412, 1613, 1614, 1615, 1637, 1689, 3058, 3101, 3132, 3133,
  3197, 3572,
})

--- A row with this key is there already.
codes.duplicate_key = set_of({ 1022, 1062, 1169, 1569, 1586, 1761, 1762, 1859 })

--- The server refuses to write: after a failover this was the primary no longer.
codes.read_only = set_of({ 1290, 1792, 1836 })

--- Numbers that mean several things: part of a set only when the message holds this (lower case).
local TELLING_TEXT = {
  [1290] = "read-only", -- as opposed to --secure-file-priv and other options
  [4025] = "constraint", -- MariaDB; on MySQL a size of InnoDB is out of range
  [4031] = "disconnected", -- MySQL; on MariaDB a trigger does not exist
}

---@type table<string, integer>
codes.by_name = {}

local class_by_number = {}
local name_by_number = {}

--- A key, a CHECK, NOT NULL or the condition of a view was broken: the numbers of IntegrityError,
--- and MariaDB's CHECK, whose number MySQL uses for something else.
codes.constraint = set_of({ 4025 })

for class, families in pairs(FAMILIES) do
  for _, family in ipairs(families) do
    for number = family[1], family[2] do
      class_by_number[number] = class
    end
  end
end
for class, numbers in pairs(UNNAMED) do
  for _, number in ipairs(numbers) do
    class_by_number[number] = class
  end
end
for class, numbers in pairs(BY_CLASS) do
  for name, number in pairs(numbers) do
    codes.by_name[name] = number
    name_by_number[number] = name
    class_by_number[number] = class
    codes.constraint[number] = class == "IntegrityError" or codes.constraint[number]
  end
end
for name, number in pairs(OTHER_NAMES) do
  codes.by_name[name] = number
  name_by_number[number] = name
end

--- Finds the name of a number, such as "ER_DUP_ENTRY".
---@param errno? integer
---@return string?
function codes.name_of(errno)
  return name_by_number[errno]
end

--- Finds the class that a number belongs to by itself.
---@param errno? integer
---@return string? class nil when only the SQLSTATE can tell
function codes.class_of_number(errno)
  return class_by_number[errno]
end

--- Finds the class of a server's error: by its number, else by its SQLSTATE, else OperationalError.
---@param errno integer
---@param sqlstate? string
---@return string class
function codes.class_of(errno, sqlstate)
  local class = class_by_number[errno]
  if class then
    return class
  end
  if errno < 1000 then
    return "InternalError"
  end
  return BY_SQLSTATE[(sqlstate or ""):sub(1, 2)] or "OperationalError"
end

--- Tells whether an error is in one of the sets above.
---@param set table<integer, true>
---@param errno? integer
---@param message? string tells apart what shares a number
---@return boolean
function codes.is_in(set, errno, message)
  if not set[errno] then
    return false
  end
  local text = TELLING_TEXT[errno]
  return not text or (message or ""):lower():find(text, 1, true) ~= nil
end

return codes
